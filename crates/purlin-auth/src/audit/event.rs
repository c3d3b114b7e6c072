//! One event, within its bounds.

use std::{collections::BTreeMap, net::IpAddr};

use purlin_base::Context;

/// The longest kind, in bytes; what is longer is cut.
pub const KIND_BYTES_MAX: usize = 64;

/// The longest name of a user and the longest id of a request, in bytes; what is longer is cut.
pub const SUBJECT_BYTES_MAX: usize = 128;

/// How many details an event has at most; more are left out.
pub const DETAILS_MAX: usize = 16;

/// The longest detail, in characters; what is longer is cut.
pub const DETAIL_CHARS_MAX: usize = 256;

/// What stands in place of a detail whose name says that it is a secret.
pub const HIDDEN: &str = "(hidden)";

/// Words in the name of a detail that must not be written down.
const SECRET_WORDS: [&str; 7] = [
    "password",
    "passwd",
    "secret",
    "token",
    "cookie",
    "authorization",
    "hash",
];

/// Something that somebody did. Nothing in it can fail: what is out of bounds is cut.
///
/// The id of the request is that of the running [`Context`].
///
/// # Examples
///
/// ```
/// use purlin_auth::audit::Event;
///
/// let event = Event::new("sign-in.refused")
///     .user("user-7")
///     .address([192, 0, 2, 1].into())
///     .detail("reason", "wrong password");
/// # assert_eq!(event.kind(), "sign-in.refused");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an event is not written until it is recorded"]
pub struct Event {
    pub(super) kind: &'static str,
    pub(super) user: Option<String>,
    pub(super) address: Option<IpAddr>,
    pub(super) request_id: Option<String>,
    pub(super) details: BTreeMap<&'static str, String>,
}

impl Event {
    /// Something of the kind `kind`, such as `sign-in` or `roles.changed`.
    pub fn new(kind: &'static str) -> Self {
        let request_id = Context::with_current(|context| context.request_id().to_owned());
        let request_id = request_id.filter(|id| !id.is_empty());
        Self {
            kind: head(kind, KIND_BYTES_MAX),
            user: None,
            address: None,
            request_id: request_id.map(|id| head(&id, SUBJECT_BYTES_MAX).to_owned()),
            details: BTreeMap::new(),
        }
    }

    /// Whom it concerns: the user who did it, or whom it was done to.
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(plain(head(user, SUBJECT_BYTES_MAX)));
        self
    }

    /// Where it came from. An IPv4 address inside IPv6 is written as IPv4.
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address.to_canonical());
        self
    }

    /// One more thing to know about it. Never a secret: one whose name says that it is, is written
    /// as [`HIDDEN`].
    pub fn detail(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        if self.details.len() < DETAILS_MAX || self.details.contains_key(name) {
            let value = match is_secret(name) {
                true => HIDDEN.to_owned(),
                false => plain(value.as_ref()),
            };
            self.details.insert(head(name, KIND_BYTES_MAX), value);
        }
        self
    }

    /// Its kind.
    pub fn kind(&self) -> &'static str {
        self.kind
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// The beginning of `text` without control characters: what a stranger sent can neither break a
/// line of a log nor keep the event from being written.
fn plain(text: &str) -> String {
    let sign = |sign: char| if sign.is_control() { '\u{fffd}' } else { sign };
    text.chars().take(DETAIL_CHARS_MAX).map(sign).collect()
}

/// The first `bytes_max` bytes of `text`, or fewer if a character would be cut.
fn head(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

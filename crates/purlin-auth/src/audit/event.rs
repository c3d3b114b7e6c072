//! What is written down, cut to its bounds.

use std::{borrow::Cow, collections::BTreeMap};

/// The most details of one event, 8; more are left out.
pub const DETAILS_MAX: usize = 8;

/// The most characters of the value of a detail, 256; what is longer is cut.
pub const DETAIL_CHARS_MAX: usize = 256;

/// The most bytes of a kind, a user, an address or a request's id, 256; what is longer is cut.
pub const TEXT_BYTES_MAX: usize = 256;

/// What stands in place of a value that must not be written down.
const HIDDEN: &str = "[hidden]";

/// Parts of names of details whose values are not written down.
const SECRETS: [&str; 6] = ["password", "secret", "token", "cookie", "code", "hash"];

/// Something that happened, to be written down.
///
/// Control characters become `\u{fffd}`, and what is too long is cut. A detail whose name speaks
/// of a password, secret, token, cookie, code or hash is written as `[hidden]`: a net under the
/// rule that no secret is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    pub(super) kind: String,
    pub(super) user: Option<String>,
    pub(super) address: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) details: BTreeMap<&'static str, Cow<'static, str>>,
}

impl AuditEvent {
    /// An event of this kind, such as `sign_in.failed`.
    pub fn new(kind: &'static str) -> Self {
        Self {
            kind: cut(kind),
            user: None,
            address: None,
            request_id: None,
            details: BTreeMap::new(),
        }
    }

    /// To whom it happened. For a sign-in with an address that nobody has, leave it out.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(cut(user));
        self
    }

    /// The network address that it came from.
    #[must_use]
    pub fn address(mut self, address: &str) -> Self {
        self.address = Some(cut(address));
        self
    }

    /// The id of the request that it came by.
    #[must_use]
    pub fn request_id(mut self, id: &str) -> Self {
        self.request_id = Some(cut(id));
        self
    }

    /// One thing more about it. Of two of one name the later is kept.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: &str) -> Self {
        if self.details.len() == DETAILS_MAX && !self.details.contains_key(name) {
            return self;
        }
        let value = match is_secret(name) {
            true => Cow::Borrowed(HIDDEN),
            false => Cow::Owned(clean(value).take(DETAIL_CHARS_MAX).collect()),
        };
        self.details.insert(name, value);
        self
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name.contains(secret))
}

fn clean(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
}

fn cut(text: &str) -> String {
    let mut bytes = 0;
    let fits = |c: &char| {
        bytes += c.len_utf8();
        bytes <= TEXT_BYTES_MAX
    };
    clean(text).take_while(fits).collect()
}

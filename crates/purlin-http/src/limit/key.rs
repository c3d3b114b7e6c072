//! Whose requests are counted together.

use std::sync::Arc;

use http::{HeaderName, request::Parts};
use purlin_base::Context;

use crate::client_address::ClientAddress;

/// Whose requests: what a service gives to [`Limit::check`](super::Limit::check).
///
/// # Examples
///
/// ```
/// use purlin_http::limit::LimitKey;
///
/// let one = LimitKey::of(["203.0.113.7", "ada@example.com"]);
/// assert_ne!(one, LimitKey::of(["203.0.113.7ada@", "example.com"]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LimitKey(pub(super) String);

impl LimitKey {
    /// One key of several parts. However the parts are cut, two lists that differ are two keys.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let one = |part: &str| format!("{}:{part}", part.len());
        Self(parts.into_iter().map(one).collect())
    }
}

impl From<&str> for LimitKey {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for LimitKey {
    fn from(text: String) -> Self {
        Self(text)
    }
}

type Extract = dyn Fn(&Parts) -> Option<String> + Send + Sync;

/// How a limit on routes tells callers apart.
#[derive(Clone)]
pub struct LimitBy(Kind);

#[derive(Clone)]
enum Kind {
    Address,
    User,
    Header(HeaderName),
    Own(Arc<Extract>),
}

impl LimitBy {
    /// By the [`ClientAddress`]. The default.
    pub fn address() -> Self {
        Self(Kind::Address)
    }

    /// By the principal whom a guard has found out; by address where nobody is signed in.
    pub fn user() -> Self {
        Self(Kind::User)
    }

    /// By the value of the header field `name`, such as an API key; by address where it is absent.
    ///
    /// Asked after the guards. Where no guard proves the value, a caller makes up a new one for
    /// each request: put a limit by address beside it.
    pub fn header(name: HeaderName) -> Self {
        Self(Kind::Header(name))
    }

    /// By what `extract` finds in the head of the request; by address where it finds nothing.
    /// Asked after the guards. What [`header`](Self::header) says of made-up values holds here.
    pub fn head(extract: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Kind::Own(Arc::new(extract)))
    }

    /// Whether it is asked before the guards.
    pub(super) fn is_by_address(&self) -> bool {
        matches!(self.0, Kind::Address)
    }

    pub(super) fn subject(&self, parts: &Parts, ipv6_prefix: u8) -> Subject {
        let (kind, found) = match &self.0 {
            Kind::Address => ('a', None),
            Kind::User => ('u', user()),
            Kind::Header(name) => ('h', header(parts, name)),
            Kind::Own(extract) => ('o', extract(parts)),
        };
        match found {
            Some(text) => Subject::new(kind, &text),
            None => Subject::address(parts, ipv6_prefix),
        }
    }
}

fn user() -> Option<String> {
    let id = |context: &Context| context.principal().map(|it| it.id().to_owned());
    Context::with_current(id).flatten()
}

fn header(parts: &Parts, name: &HeaderName) -> Option<String> {
    let value = parts.headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

impl std::fmt::Debug for LimitBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Address => f.write_str("address"),
            Kind::User => f.write_str("user"),
            Kind::Header(name) => write!(f, "header {name}"),
            Kind::Own(_) => f.write_str("head"),
        }
    }
}

/// A caller, with the kind in front: nobody can call himself by another's address.
#[derive(Clone)]
pub(super) struct Subject(String);

impl Subject {
    fn new(kind: char, text: &str) -> Self {
        Self(format!("{kind}{text}"))
    }

    pub(super) fn address(parts: &Parts, ipv6_prefix: u8) -> Self {
        Self::new('a', &ClientAddress::of(parts).key(ipv6_prefix))
    }

    /// With its kind: what is counted by.
    pub(super) fn counted(&self) -> &str {
        &self.0
    }

    /// Without its kind: what header fields name, hashed.
    pub(super) fn shown(&self) -> &str {
        self.0.get(1..).unwrap_or_default()
    }
}

//! Tokens that whoever holds them may use.

use std::fmt;

use http::{HeaderMap, header};
use subtle::ConstantTimeEq;

/// A token that a caller must show as `Authorization: Bearer`.
///
/// It is compared in constant time: how long it takes says nothing about how much was right. Its
/// length is no secret.
///
/// # Examples
///
/// ```
/// use purlin_http::guard::BearerToken;
///
/// let token = BearerToken::new("6f1c9a");
/// assert!(token.is("6f1c9a"));
/// assert!(!token.is("6f1c9b"));
/// assert_eq!(format!("{token:?}"), "BearerToken");
/// ```
#[derive(Clone)]
pub struct BearerToken(Box<str>);

impl BearerToken {
    /// The token `secret`. An empty one is never shown, so it lets nobody pass.
    pub fn new(secret: impl Into<Box<str>>) -> Self {
        Self(secret.into())
    }

    /// Whether `shown` is the token.
    pub fn is(&self, shown: &str) -> bool {
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
    }

    /// Whether the token is in `headers`. False too if there are two `Authorization` fields.
    pub fn is_shown(&self, headers: &HeaderMap) -> bool {
        bearer_token(headers).is_some_and(|shown| self.is(shown))
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken")
    }
}

/// The token of an `Authorization: Bearer` field. `None` also if there are two such fields.
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut fields = headers.get_all(header::AUTHORIZATION).iter();
    let (field, None) = (fields.next()?, fields.next()) else {
        return None;
    };
    let (scheme, token) = field.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

//! Why a request is refused, or a setting.

use std::borrow::Cow;

use purlin_base::{Classified, ErrorClass, ErrorClasses};

/// Why a request was refused, or why a setting of this module is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsrfError {
    /// The browser says that a page of another origin has sent it. Nothing was done.
    #[error("the request was sent by a page of another site")]
    CrossOrigin,
    /// Neither the header field nor the form has a token. Nothing was done.
    #[error("the token is missing: send it as `X-CSRF-Token`, or as the field `_csrf` of a form")]
    TokenMissing,
    /// The token is that of another session, of another time, or none of ours. Nothing was done.
    #[error("the token is not that of this session; load the page again")]
    TokenInvalid,
    /// A handler wants a token, and no guard or layer has put a [`CsrfBinding`](super::CsrfBinding)
    /// into the request: put one in front of the route.
    #[error("nothing in front of this route binds tokens to a session")]
    NotBound,
    /// The secret is shorter than [`SECRET_BYTES_MIN`](super::CsrfTokens::SECRET_BYTES_MIN).
    #[error("a secret for tokens needs 32 bytes or more")]
    SecretTooShort,
    /// What should be trusted is no origin: `https://app.example`, in lower case, without a path,
    /// and without the port that its scheme has anyway.
    #[error("{0:?} is not an origin")]
    NotAnOrigin(Cow<'static, str>),
    /// What should be exempt is no path, or there is no reason.
    #[error("the exemption of {0:?} needs a path such as `/hooks/{{name}}`, and a reason")]
    Exemption(&'static str),
}

impl CsrfError {
    /// The classes of those that a caller can get.
    pub(crate) const OF_REQUESTS: ErrorClasses =
        ErrorClasses::of(&[ErrorClass::Forbidden, ErrorClass::Internal]);
}

impl Classified for CsrfError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::CrossOrigin | Self::TokenMissing | Self::TokenInvalid => ErrorClass::Forbidden,
            _ => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::CrossOrigin => "CSRF_CROSS_ORIGIN",
            Self::TokenMissing => "CSRF_TOKEN_MISSING",
            Self::TokenInvalid => "CSRF_TOKEN_INVALID",
            Self::NotBound => "CSRF_NOT_BOUND",
            Self::SecretTooShort => "CSRF_SECRET_TOO_SHORT",
            Self::NotAnOrigin(_) => "CSRF_NOT_AN_ORIGIN",
            Self::Exemption(_) => "CSRF_EXEMPTION",
        }
    }

    fn classes() -> ErrorClasses {
        Self::OF_REQUESTS
    }
}

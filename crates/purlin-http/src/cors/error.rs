//! Why a rule is none.

use purlin_base::{Classified, ErrorClass, ErrorClasses};

/// Why a rule about other origins cannot be used. Found when it is built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CorsError {
    /// It lists no origin: leave the rule out, and nobody may read.
    #[error("no origin is listed")]
    Nobody,
    /// It is not an origin as a browser writes it: `https://app.example`. `null` is none, since
    /// any page can be it.
    #[error("{0:?} is not an origin")]
    NotAnOrigin(String),
    /// What the origins should be below of has no dot: it would let in half of the world.
    #[error("every host below {0:?} is too many")]
    TooWide(String),
    /// Any origin may read, and with the reader's cookies: every page could read as everybody.
    #[error("credentials cannot be sent to any origin; list those that may have them")]
    CredentialsForAny,
    /// It is not the name of a header field.
    #[error("{0:?} is not the name of a header field")]
    NotAField(&'static str),
    /// The time that a preflight is remembered is over a day.
    #[error("a preflight is remembered for a day at most")]
    MaxAge,
}

impl Classified for CorsError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Nobody => "CORS_NOBODY",
            Self::NotAnOrigin(_) => "CORS_NOT_AN_ORIGIN",
            Self::TooWide(_) => "CORS_TOO_WIDE",
            Self::CredentialsForAny => "CORS_CREDENTIALS_FOR_ANY",
            Self::NotAField(_) => "CORS_NOT_A_FIELD",
            Self::MaxAge => "CORS_MAX_AGE",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }
}

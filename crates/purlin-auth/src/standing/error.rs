//! Why a good access token is refused all the same.

use purlin_base::{Classified, ErrorClass, ErrorClasses};

/// Why a good access token is refused all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Revoked {
    /// Its sign-in was ended, or all of its user's.
    #[error("the access token was revoked: sign in again")]
    SignedOut,
    /// It is not known whether it was revoked: the list is full or stale.
    #[error("it is not known whether the access token was revoked")]
    Unknown,
}

impl Classified for Revoked {
    fn class(&self) -> ErrorClass {
        match self {
            Self::SignedOut => ErrorClass::Unauthenticated,
            Self::Unknown => ErrorClass::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "STANDING_REVOKED",
            Self::Unknown => "STANDING_UNKNOWN",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[ErrorClass::Unauthenticated, ErrorClass::Unavailable])
    }
}

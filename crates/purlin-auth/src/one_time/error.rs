//! Why a one-time token is not taken, or not made.

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_sql::SqlError;

use super::{ABOUT_BYTES_MAX, USER_BYTES_MAX};

/// Why a one-time token is not taken, or not made. Nothing was written, whichever the variant.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OneTimeError {
    /// It is no token of this purpose, or was used, or has expired, or a newer one was made. Which
    /// of these is not told. Ask for another.
    #[error("the link is not good any more: ask for a new one")]
    Invalid,
    /// The user, or what the token is about, is out of its bounds: a fault of the program.
    #[error("a user has 1 to {USER_BYTES_MAX} bytes, and `about` at most {ABOUT_BYTES_MAX}")]
    Bounds,
    /// The database refused.
    #[error("one-time tokens cannot be read or kept: {0}")]
    Sql(#[from] SqlError),
}

impl Classified for OneTimeError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Invalid => ErrorClass::Invalid,
            Self::Bounds => ErrorClass::Internal,
            Self::Sql(error) if error.class().is_transient() => error.class(),
            Self::Sql(_) => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "ONE_TIME_INVALID",
            Self::Bounds => "ONE_TIME_BOUNDS",
            Self::Sql(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Sql(error) => error.retry_after(),
            _ => None,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::Invalid,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }
}

//! What can go wrong with second factors.

use std::{borrow::Cow, time::Duration};

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_sql::SqlError;

/// Why a call about second factors failed. No text of it holds a code, a secret or a user.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TotpError {
    /// The code is wrong, was used before, or the user has no second factor: which is not told.
    #[error("the code is not valid: wait for the next one")]
    Wrong,
    /// The user has a second factor: remove it first.
    #[error("there is a second factor already")]
    Enrolled,
    /// The user is empty, too long or has control characters: nothing was written.
    #[error("a user has 1 to 256 bytes without control characters")]
    Owner,
    /// The secret was sealed under another key, or its row was changed.
    #[error("the secret of a second factor cannot be opened: it was sealed under another secret")]
    Seal,
    /// An option is out of its bounds. Found at start.
    #[error("the second factors' `{option}` is out of bounds: expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl Classified for TotpError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Wrong => ErrorClass::Unauthenticated,
            Self::Enrolled => ErrorClass::Conflict,
            Self::Sql(error) if error.class().is_transient() => error.class(),
            Self::Owner | Self::Seal | Self::Option { .. } | Self::Sql(_) => ErrorClass::Internal,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::Unauthenticated,
            ErrorClass::Conflict,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "AUTH_TOTP_WRONG",
            Self::Enrolled => "AUTH_TOTP_ENROLLED",
            Self::Owner => "AUTH_TOTP_OWNER",
            Self::Seal => "AUTH_TOTP_SEAL",
            Self::Option { .. } => "AUTH_TOTP_OPTION",
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        matches!(self, Self::Wrong | Self::Enrolled).then(|| self.to_string().into())
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Sql(error) => error.retry_after(),
            _ => None,
        }
    }
}

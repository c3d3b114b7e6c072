//! Why a second factor is not taken, or not changed.

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_sql::SqlError;

use super::USER_BYTES_MAX;

/// Why a second factor is not taken, or not changed. Nothing was written, whichever the variant.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TotpError {
    /// The code is not one that is good now, or was used already. Count it as a failed sign-in.
    #[error("the code is not right, or was used already")]
    Wrong,
    /// There is a second factor already: remove it first.
    #[error("there is a second factor already")]
    Enrolled,
    /// There is no second factor, none that waits for its first code, or it has waited too long.
    #[error("there is no second factor to do that with")]
    NotEnrolled,
    /// The user is out of bounds, or the issuer or secret that it was built with: a fault of the
    /// program.
    #[error("the option `{option}` is out of its bounds: {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What is taken.
        expected: &'static str,
    },
    /// The secret of a user was sealed under another secret, or was changed. Start with the secret
    /// that it was sealed under.
    #[error("a second factor was sealed under another secret, or was changed")]
    Secret,
    /// The database refused.
    #[error("second factors cannot be read or kept: {0}")]
    Sql(#[from] SqlError),
}

impl TotpError {
    pub(super) fn user() -> Self {
        const { assert!(USER_BYTES_MAX == 128) };
        Self::Option {
            option: "user",
            expected: "1 to 128 bytes",
        }
    }
}

impl Classified for TotpError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Wrong => ErrorClass::Unauthenticated,
            Self::Enrolled => ErrorClass::Conflict,
            Self::NotEnrolled => ErrorClass::NotFound,
            Self::Option { .. } | Self::Secret => ErrorClass::Internal,
            Self::Sql(error) if error.class().is_transient() => error.class(),
            Self::Sql(_) => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Wrong => "TOTP_WRONG",
            Self::Enrolled => "TOTP_ENROLLED",
            Self::NotEnrolled => "TOTP_NOT_ENROLLED",
            Self::Option { .. } => "TOTP_OPTION",
            Self::Secret => "TOTP_SECRET",
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
            ErrorClass::Unauthenticated,
            ErrorClass::NotFound,
            ErrorClass::Conflict,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }
}

//! Why a password was neither hashed nor compared, and why passwords cannot be kept as configured.

use std::time::Duration;

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_runtime::CpuError;

/// Why a password was neither hashed nor compared.
///
/// That a password is *wrong* is no error: see [`Verdict`](super::Verdict).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// As many callers wait for a hash as may. Nothing was hashed: try again later.
    #[error("{queue_max} callers wait for a password hash, as many as may")]
    Busy {
        /// Callers that may wait at once.
        queue_max: usize,
    },
    /// The deadline of the context passed before the hash had its turn. It was not begun.
    #[error("no password hash was begun before the deadline")]
    Timeout,
    /// The new password is longer than [`PASSWORD_BYTES_MAX`](super::PASSWORD_BYTES_MAX).
    #[error("the password is longer than {bytes_max} bytes")]
    TooLong {
        /// Bytes that a password may have.
        bytes_max: usize,
    },
    /// What is stored is no hash of a kind that is understood. It is not shown: it may be a secret.
    #[error("a stored password hash is of no kind that is understood")]
    StoredUnreadable,
    /// What is stored asks for more memory or work than any stored hash may.
    #[error("a stored password hash asks for more memory or work than is allowed")]
    StoredTooCostly,
    /// The parameters were accepted, and the hash could not be computed: memory ran out.
    #[error("a password hash could not be computed")]
    Failed,
    /// The CPU pool gave no answer.
    #[error(transparent)]
    Cpu(#[from] CpuError),
}

impl PasswordError {
    /// How long a caller is told to wait when too many wait already.
    pub const RETRY_AFTER: Duration = Duration::from_secs(1);
}

impl Classified for PasswordError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Busy { .. } => ErrorClass::Unavailable,
            Self::Timeout => ErrorClass::Timeout,
            Self::TooLong { .. } => ErrorClass::Invalid,
            Self::StoredUnreadable | Self::StoredTooCostly | Self::Failed => ErrorClass::Internal,
            Self::Cpu(error) => error.class(),
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

    fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "PASSWORD_BUSY",
            Self::Timeout => "PASSWORD_TIMEOUT",
            Self::TooLong { .. } => "PASSWORD_BYTES",
            Self::StoredUnreadable => "PASSWORD_STORED_UNREADABLE",
            Self::StoredTooCostly => "PASSWORD_STORED_TOO_COSTLY",
            Self::Failed => "PASSWORD_HASH_FAILED",
            Self::Cpu(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { .. } => Some(Self::RETRY_AFTER),
            Self::Cpu(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// An option of [`Passwords`](super::Passwords) that is out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{option}` of passwords is {given}, expected {expected}")]
pub struct PasswordOptionError {
    /// The option.
    pub option: &'static str,
    /// What was given.
    pub given: String,
    /// What is allowed.
    pub expected: &'static str,
}

impl PasswordOptionError {
    /// Says `Ok` if `allowed`, and otherwise what is wrong.
    pub(super) fn unless(
        allowed: bool,
        option: &'static str,
        given: impl ToString,
        expected: &'static str,
    ) -> Result<(), Self> {
        if allowed {
            return Ok(());
        }
        let given = given.to_string();
        Err(Self {
            option,
            given,
            expected,
        })
    }
}

impl Classified for PasswordOptionError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }

    fn code(&self) -> &'static str {
        "PASSWORD_OPTION"
    }
}

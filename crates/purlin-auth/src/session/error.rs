//! What can go wrong with sessions.

use purlin_base::{BoxError, Classified, ErrorClass, ErrorClasses};
use purlin_sql::SqlError;

use super::{ROLE_BYTES_MAX, ROLES_MAX, USER_BYTES_MAX};

/// Why a call about sessions failed. No text of it holds an id, a user or data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The user has no such session. Whether somebody else has is not told.
    #[error("there is no such session")]
    NotFound,
    /// The data of the session is longer than allowed: nothing was written.
    #[error("the data of the session has {bytes} bytes; at most {bytes_max} may be kept")]
    DataTooLarge {
        /// Bytes of the data as JSON.
        bytes: usize,
        /// Bytes that there may be.
        bytes_max: usize,
    },
    /// The data of a session cannot be written as JSON, or is not of the type asked for.
    #[error("the data of the session does not fit its type")]
    Data(#[source] serde_json::Error),
    /// The user or a role is empty, too long or has control characters: nothing was written.
    #[error(
        "a user has 1 to {USER_BYTES_MAX} bytes, and at most {ROLES_MAX} roles of 1 to \
         {ROLE_BYTES_MAX} bytes, without control characters"
    )]
    Owner,
    /// An option is out of its bounds.
    #[error(transparent)]
    Option(#[from] SessionOptionError),
    /// The database said no.
    #[error("the sessions' database: {0}")]
    Sql(#[from] SqlError),
    /// The store could not be reached, or holds what cannot be read; whether a change was made is
    /// unknown.
    #[error("the store of sessions is unavailable")]
    Unavailable(#[source] BoxError),
}

impl Classified for SessionError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound => ErrorClass::NotFound,
            Self::DataTooLarge { .. } | Self::Data(_) | Self::Owner | Self::Option(_) => {
                ErrorClass::Internal
            }
            Self::Sql(error) if error.class().is_transient() => error.class(),
            Self::Sql(_) => ErrorClass::Internal,
            Self::Unavailable(_) => ErrorClass::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "SESSION_NOT_FOUND",
            Self::DataTooLarge { .. } => "SESSION_DATA_TOO_LARGE",
            Self::Data(_) => "SESSION_DATA",
            Self::Owner => "SESSION_OWNER",
            Self::Option(error) => error.code(),
            Self::Sql(error) => error.code(),
            Self::Unavailable(_) => "SESSION_STORE_UNAVAILABLE",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::NotFound,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        let wait = std::time::Duration::from_secs(1);
        self.class().is_transient().then_some(wait)
    }
}

/// An option of sessions is out of its bounds. Found at start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sessions' `{option}` is out of bounds: expected {expected}")]
pub struct SessionOptionError {
    /// The option.
    pub option: &'static str,
    /// What it may be.
    pub expected: &'static str,
}

impl Classified for SessionOptionError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "SESSION_OPTION"
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }
}

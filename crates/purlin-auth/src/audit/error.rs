//! Why an event was not written or read.

use std::borrow::Cow;

use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};
use purlin_sql::{SqlError, keyset::ListError};

/// Why an event was not written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// There is no such page, or it could not be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// The database refused.
    #[error("events cannot be written or read: {0}")]
    Sql(#[from] SqlError),
}

impl Classified for AuditError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::List(error) => error.class(),
            Self::Sql(error) if error.class().is_transient() => error.class(),
            Self::Sql(_) => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::List(error) => error.code(),
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::List(error) => error.public_detail(),
            Self::Sql(_) => None,
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::List(error) => error.fields(),
            Self::Sql(_) => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::List(error) => error.retry_after(),
            Self::Sql(error) => error.retry_after(),
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }
}

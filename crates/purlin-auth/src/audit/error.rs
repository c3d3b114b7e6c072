//! What can go wrong with events.

use std::{borrow::Cow, time::Duration};

use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};
use purlin_sql::{SqlError, keyset::ListError};

/// Why an event was not written down, or events were not read.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// Events are kept for a day at least: nothing was deleted.
    #[error("events are kept for a day at least")]
    Kept,
    /// There is no such page, or it could not be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl AuditError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::Kept => None,
            Self::List(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for AuditError {
    fn class(&self) -> ErrorClass {
        // An event breaks no rule of its table: the database's faults are ours.
        match self.inner().map(Classified::class) {
            Some(class) if class.is_transient() || class == ErrorClass::BadRequest => class,
            _ => ErrorClass::Internal,
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

    fn code(&self) -> &'static str {
        match self {
            Self::Kept => "AUTH_AUDIT_KEPT",
            Self::List(error) => error.code(),
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        self.inner().and_then(Classified::public_detail)
    }

    fn fields(&self) -> Vec<FieldError> {
        self.inner().map_or_else(Vec::new, Classified::fields)
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classified::retry_after)
    }
}

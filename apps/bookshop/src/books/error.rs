//! Why something could not be done with a book.

use std::{borrow::Cow, time::Duration};

use purlin::sql::{SqlError, keyset::ListError};
use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};

/// Why something could not be done with a book. Nothing was written, whichever the variant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// There is no such book, or none any more.
    #[error("there is no such book")]
    NotFound,
    /// The book was changed since the caller read it: read it again.
    #[error("the book has changed since you read it: read it again")]
    Changed,
    /// There is no such page, or it could not be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl BookError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::NotFound | Self::Changed => None,
            Self::List(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for BookError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound => ErrorClass::NotFound,
            Self::Changed => ErrorClass::PreconditionFailed,
            Self::List(error) => error.class(),
            Self::Sql(error) => error.class(),
        }
    }

    fn classes() -> ErrorClasses {
        // What is written was checked before, so no rule of a table can be broken by it: the
        // database's faults are ours.
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::NotFound,
            ErrorClass::PreconditionFailed,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "BOOK_NOT_FOUND",
            Self::Changed => "BOOK_CHANGED",
            Self::List(error) => error.code(),
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self.inner() {
            Some(inner) => inner.public_detail(),
            None => Some(self.to_string().into()),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        self.inner().map_or_else(Vec::new, Classified::fields)
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classified::retry_after)
    }
}

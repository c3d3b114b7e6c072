//! Why something could not be done with a cover.

use std::{borrow::Cow, time::Duration};

use purlin::{http::upload::UploadError, prelude::*, queue::QueueError};
use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};

/// Why something could not be done with a cover. Nothing was kept, whichever the variant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoverError {
    /// There is no such book.
    #[error("there is no such book")]
    NoBook,
    /// The book has no cover, or none yet.
    #[error("the book has no cover, or none yet")]
    None,
    /// The image did not come in.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// The job was not added.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl CoverError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::NoBook | Self::None => None,
            Self::Upload(error) => Some(error),
            Self::Queue(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for CoverError {
    fn class(&self) -> ErrorClass {
        self.inner().map_or(ErrorClass::NotFound, Classified::class)
    }

    fn classes() -> ErrorClasses {
        let ours = ErrorClasses::of(&[
            ErrorClass::NotFound,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ]);
        ours.and(UploadError::classes())
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoBook => "COVER_NO_BOOK",
            Self::None => "COVER_NONE",
            other => other.inner().map_or("COVER_NONE", Classified::code),
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

//! Why something could not be done with a review.

use std::{borrow::Cow, time::Duration};

use purlin::{
    http::html::sanitize::SanitizeError,
    runtime::cpu::CpuError,
    sql::{SqlError, keyset::ListError},
};
use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};

use crate::books::BookError;

/// Why something could not be done with a review. Nothing was written, whichever the variant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// Whoever is signed in has no account, or none any more: sign in again.
    #[error("there is no account to write a review with: sign in again")]
    NoAccount,
    /// The reader has said something about the book already.
    #[error("you have reviewed this book already")]
    Again,
    /// The markup cannot be cleaned.
    #[error(transparent)]
    Markup(#[from] SanitizeError),
    /// There is no such book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// There is no such page, or it could not be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// The markup was not cleaned: try again.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl ReviewError {
    fn inner(&self) -> Option<&dyn Classified> {
        match self {
            Self::NoAccount | Self::Again => None,
            Self::Markup(error) => Some(error),
            Self::Book(error) => Some(error),
            Self::List(error) => Some(error),
            Self::Cpu(error) => Some(error),
            Self::Sql(error) => Some(error),
        }
    }
}

impl Classified for ReviewError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NoAccount => ErrorClass::Unauthenticated,
            Self::Again => ErrorClass::Conflict,
            other => other
                .inner()
                .map_or(ErrorClass::Internal, Classified::class),
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::Unauthenticated,
            ErrorClass::NotFound,
            ErrorClass::Conflict,
            ErrorClass::Invalid,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoAccount => "REVIEW_NO_ACCOUNT",
            Self::Again => "REVIEW_AGAIN",
            other => other.inner().map_or("REVIEW", Classified::code),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self.inner() {
            Some(inner) => inner.public_detail(),
            None => Some(self.to_string().into()),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Markup(error) => {
                let message = error.to_string();
                vec![FieldError::pointer("#/body_html", "markup", message)]
            }
            other => other.inner().map_or_else(Vec::new, Classified::fields),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().and_then(Classified::retry_after)
    }
}

//! Why no related books can be shown.

use std::{borrow::Cow, time::Duration};

use purlin::runtime::{CpuError, Stopped, cpu::ParallelError};
use purlin_base::{Classified, ErrorClass, ErrorClasses};

use crate::books::BookError;

/// Why no related books can be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelatedError {
    /// There is no such book, or the database.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The index could not be made.
    #[error(transparent)]
    Index(#[from] CpuError),
    /// The books could not be compared.
    #[error(transparent)]
    Compare(#[from] ParallelError<Stopped>),
}

impl RelatedError {
    fn inner(&self) -> &dyn Classified {
        match self {
            Self::Book(error) => error,
            Self::Index(error) => error,
            Self::Compare(error) => error,
        }
    }
}

impl Classified for RelatedError {
    fn class(&self) -> ErrorClass {
        self.inner().class()
    }

    fn classes() -> ErrorClasses {
        let reads = BookError::classes().without(ErrorClass::PreconditionFailed.into());
        reads.and(ParallelError::<Stopped>::classes())
    }

    fn code(&self) -> &'static str {
        self.inner().code()
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        self.inner().public_detail()
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().retry_after()
    }
}

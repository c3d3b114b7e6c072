//! Why a job cannot be shown.

use std::{borrow::Cow, time::Duration};

use purlin::queue::QueueError;
use purlin_base::{Classified, ErrorClass, ErrorClasses};

/// Why a job cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobLookupError {
    /// There is no such job, or none any more.
    #[error("there is no such job, or none any more")]
    NotFound,
    /// The store of jobs.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Classified for JobLookupError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound => ErrorClass::NotFound,
            Self::Queue(error) => error.class(),
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

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "JOB_NOT_FOUND",
            Self::Queue(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::NotFound => Some(self.to_string().into()),
            Self::Queue(error) => error.public_detail(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotFound => None,
            Self::Queue(error) => error.retry_after(),
        }
    }
}

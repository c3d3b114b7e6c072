//! Why a job on the CPU pool has no answer.

use std::time::Duration;

use purlin_base::{Classified, ErrorClass};

use crate::{panics, queue::Refused};

/// Why a job on a [`CpuPool`](super::CpuPool) has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CpuError {
    /// The queue is full. The job did not begin: try again later, or wait with `run`.
    #[error("the CPU pool has {queue_max} jobs waiting, as many as it may")]
    Full {
        /// Jobs that may wait at once.
        queue_max: usize,
    },
    /// The deadline of the context passed before the job began. It will not begin.
    #[error("the job `{job}` was not begun before its deadline")]
    Timeout {
        /// The name of the job.
        job: &'static str,
    },
    /// The work panicked: a fault in the work. What it had changed by then stays changed.
    #[error("the job `{job}` panicked: {message}")]
    Panicked {
        /// The name of the job.
        job: &'static str,
        /// What the panic said, at most [`PANIC_MESSAGE_BYTES_MAX`](Self::PANIC_MESSAGE_BYTES_MAX).
        message: String,
    },
    /// The pool was closed before the job had a place in the queue. It did not begin.
    #[error("the CPU pool is closed")]
    Closed,
}

impl CpuError {
    /// How much of a panic's message is kept, in bytes.
    pub const PANIC_MESSAGE_BYTES_MAX: usize = panics::MESSAGE_BYTES_MAX;

    /// How long a caller is told to wait when the queue is full.
    pub const RETRY_AFTER: Duration = Duration::from_secs(1);

    pub(super) fn refused(refused: Refused, queue_max: usize) -> Self {
        match refused {
            Refused::Full => Self::Full { queue_max },
            Refused::Closed => Self::Closed,
        }
    }
}

impl Classified for CpuError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Full { .. } | Self::Closed => ErrorClass::Unavailable,
            Self::Timeout { .. } => ErrorClass::Timeout,
            Self::Panicked { .. } => ErrorClass::Internal,
        }
    }

    fn classes() -> purlin_base::ErrorClasses {
        purlin_base::ErrorClasses::of(&[
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "CPU_POOL_FULL",
            Self::Timeout { .. } => "CPU_POOL_TIMEOUT",
            Self::Panicked { .. } => "CPU_POOL_JOB_PANICKED",
            Self::Closed => "CPU_POOL_CLOSED",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Full { .. }).then_some(Self::RETRY_AFTER)
    }
}

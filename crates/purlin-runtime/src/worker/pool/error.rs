//! Why a job on a pool of workers has no answer.

use std::time::Duration;

use purlin_base::{Classified, ErrorClass, ErrorClasses};

use crate::queue::Refused;

/// Why a job on a [`WorkerPool`](super::WorkerPool) has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerPoolError {
    /// The queue is full. The job did not begin: try again later, or wait with `run`.
    #[error("the pool has {queue_max} jobs waiting, as many as it may")]
    Full {
        /// Jobs that may wait at once.
        queue_max: usize,
    },
    /// The deadline passed.
    #[error("the job `{job}` had not ended by its deadline")]
    Timeout {
        /// The name of the job.
        job: &'static str,
        /// Whether it had begun. Then it was asked to stop, and may have had effects.
        begun: bool,
    },
    /// The work panicked: a fault in the work. The state of its thread was thrown away.
    #[error("the job `{job}` panicked: {message}")]
    Panicked {
        /// The name of the job.
        job: &'static str,
        /// What the panic said, at most 1024 bytes.
        message: String,
        /// `file:line:column`, unless another panic hook was put in the way.
        place: Option<String>,
    },
    /// What makes the state of a thread panicked. The job did not begin.
    #[error("no state could be made for the job `{job}`: {message}")]
    Init {
        /// The name of the job.
        job: &'static str,
        /// What the panic said, at most 1024 bytes.
        message: String,
        /// `file:line:column`, unless another panic hook was put in the way.
        place: Option<String>,
    },
    /// The pool was closed before the job began.
    #[error("the pool is closed")]
    Closed,
}

impl WorkerPoolError {
    /// How long a caller is told to wait when the queue is full.
    pub const RETRY_AFTER: Duration = Duration::from_secs(1);

    pub(super) fn refused(refused: Refused, queue_max: usize) -> Self {
        match refused {
            Refused::Full => Self::Full { queue_max },
            Refused::Closed => Self::Closed,
        }
    }
}

impl Classified for WorkerPoolError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Full { .. } | Self::Closed => ErrorClass::Unavailable,
            Self::Timeout { .. } => ErrorClass::Timeout,
            Self::Panicked { .. } | Self::Init { .. } => ErrorClass::Internal,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "WORKER_POOL_FULL",
            Self::Timeout { .. } => "WORKER_POOL_TIMEOUT",
            Self::Panicked { .. } => "WORKER_POOL_JOB_PANICKED",
            Self::Init { .. } => "WORKER_POOL_INIT",
            Self::Closed => "WORKER_POOL_CLOSED",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Full { .. }).then_some(Self::RETRY_AFTER)
    }
}

/// The pool is closed, and jobs run on that do not ask whether to stop. They keep their threads
/// until they end; code that may do so belongs in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{jobs} jobs were asked to stop and still run")]
pub struct WorkerPoolStillRunning {
    /// How many.
    pub jobs: usize,
}

impl Classified for WorkerPoolStillRunning {
    fn class(&self) -> ErrorClass {
        ErrorClass::Timeout
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Timeout.into()
    }

    fn code(&self) -> &'static str {
        "WORKER_POOL_STILL_RUNNING"
    }
}

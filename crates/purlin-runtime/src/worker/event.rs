//! What a worker tells of its life.

use purlin_base::{BoxError, Classified, ErrorClass, ErrorClasses};

/// What a worker tells, in this order: [`Online`](Self::Online) once, any number of
/// [`Message`](Self::Message), [`Error`](Self::Error) at most once, [`Exit`](Self::Exit) once.
///
/// # Source
///
/// Node's `worker_threads`: every message that the worker has sent comes before `exit`. `messageerror`
/// has no match, since a message is moved and cannot fail to be read.
#[derive(Debug)]
pub enum WorkerEvent<Out> {
    /// The thread runs.
    Online,
    /// The worker has sent this.
    Message(Out),
    /// The worker has failed. [`Exit`](Self::Exit) follows.
    Error(WorkerFailure),
    /// The worker has ended, and will say no more.
    Exit(WorkerExit),
}

/// How a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkerExit {
    /// It came to its end by itself.
    Finished,
    /// It returned an error or panicked; a [`WorkerFailure`] has said which.
    Failed,
    /// It was asked to stop, and did.
    Terminated,
}

impl WorkerExit {
    /// Node's exit code: 0 for a worker that came to its end, else 1.
    pub const fn code(self) -> i32 {
        match self {
            Self::Finished => 0,
            Self::Failed | Self::Terminated => 1,
        }
    }
}

/// Why a worker failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerFailure {
    /// It returned an error.
    #[error("the worker `{worker}` failed")]
    Failed {
        /// Its name.
        worker: String,
        /// What it returned.
        source: BoxError,
    },
    /// It panicked: a fault in its code. What it had changed by then stays changed.
    #[error("the worker `{worker}` panicked: {message}")]
    Panicked {
        /// Its name.
        worker: String,
        /// What the panic said, at most 1024 bytes.
        message: String,
        /// `file:line:column`, unless another panic hook was put in the way.
        place: Option<String>,
    },
}

impl Classified for WorkerFailure {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "WORKER_FAILED",
            Self::Panicked { .. } => "WORKER_PANICKED",
        }
    }
}

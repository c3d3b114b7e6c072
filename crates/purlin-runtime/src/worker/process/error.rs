//! Why a job in another process has no answer.

use std::{io, time::Duration};

use purlin_base::{Classified, ErrorClass, ErrorClasses};

use super::Crash;

/// Why a job in another process has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// As many jobs wait as may. Try again later, or wait with `run`.
    #[error("the pool has {queue_max} jobs waiting, as many as it may")]
    Full {
        /// Jobs that may wait at once.
        queue_max: usize,
    },
    /// The pool was closed before the job had ended.
    #[error("the pool is closed")]
    Closed,
    /// The deadline of the context passed.
    #[error("the job `{task}` had not ended by its deadline")]
    Timeout {
        /// The name of the task.
        task: &'static str,
        /// Whether it had begun. Then its process was killed, and it may have had effects.
        begun: bool,
    },
    /// The job ran longer than it may. Its process was killed.
    #[error("the job `{task}` ran longer than {limit:?} and was killed")]
    TimeLimit {
        /// The name of the task.
        task: &'static str,
        /// How long it may.
        limit: Duration,
    },
    /// The task panicked: a fault in its code.
    #[error("the job `{task}` panicked: {message}")]
    Panicked {
        /// The name of the task.
        task: &'static str,
        /// What the panic said, at most 1024 bytes.
        message: String,
        /// `file:line:column`, unless another panic hook was put in the way.
        place: Option<String>,
    },
    /// The process came to its end.
    #[error("the process of the job `{task}` {crash}")]
    Crashed {
        /// The name of the task.
        task: &'static str,
        /// How.
        crash: Crash,
        /// The end of what it wrote to its standard error, at most
        /// [`LAST_WORDS_BYTES_MAX`](super::LAST_WORDS_BYTES_MAX).
        last_words: String,
    },
    /// The input or the answer is longer than a message may be.
    #[error("the {what} of the job `{task}` has {bytes} bytes, more than {bytes_max}")]
    TooLong {
        /// The name of the task.
        task: &'static str,
        /// `input` or `answer`.
        what: &'static str,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        bytes_max: usize,
    },
    /// The input or the answer is not JSON of its type: a fault of the type, or of a process that
    /// sends what the task never returned.
    #[error("the {what} of the job `{task}` cannot be sent: {reason}")]
    Message {
        /// The name of the task.
        task: &'static str,
        /// `input` or `answer`.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The process started and did not become a worker.
    #[error("no process could be made ready for `{task}`: {reason}")]
    NotReady {
        /// The name of the task.
        task: &'static str,
        /// Why: `main` does not call `entry`, `entry` does not list the task, or a limit was refused.
        reason: String,
    },
    /// The operating system gave no process.
    #[error("no process could be started")]
    Spawn(#[source] io::Error),
}

impl ProcessError {
    /// How long a caller is told to wait when too many jobs wait.
    pub const RETRY_AFTER: Duration = Duration::from_secs(1);
}

impl Classified for ProcessError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Full { .. } | Self::Closed => ErrorClass::Unavailable,
            Self::Timeout { .. } | Self::TimeLimit { .. } => ErrorClass::Timeout,
            _ => ErrorClass::Internal,
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
            Self::Full { .. } => "WORKER_PROCESS_FULL",
            Self::Closed => "WORKER_PROCESS_CLOSED",
            Self::Timeout { .. } => "WORKER_PROCESS_TIMEOUT",
            Self::TimeLimit { .. } => "WORKER_PROCESS_TIME_LIMIT",
            Self::Panicked { .. } => "WORKER_PROCESS_PANICKED",
            Self::Crashed { crash, .. } => match crash {
                Crash::Aborted => "WORKER_PROCESS_ABORTED",
                Crash::StackOverflow => "WORKER_PROCESS_STACK_OVERFLOW",
                Crash::OutOfMemory => "WORKER_PROCESS_OUT_OF_MEMORY",
                Crash::CpuLimit => "WORKER_PROCESS_CPU_LIMIT",
                Crash::Signal(_) => "WORKER_PROCESS_KILLED",
                Crash::Exited(_) => "WORKER_PROCESS_EXITED",
            },
            Self::TooLong { .. } => "WORKER_PROCESS_TOO_LONG",
            Self::Message { .. } => "WORKER_PROCESS_MESSAGE",
            Self::NotReady { .. } => "WORKER_PROCESS_NOT_READY",
            Self::Spawn(_) => "WORKER_PROCESS_SPAWN",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        matches!(self, Self::Full { .. }).then_some(Self::RETRY_AFTER)
    }
}

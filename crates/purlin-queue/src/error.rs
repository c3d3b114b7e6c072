//! Every failure of the queue.

use std::time::Duration;

use purlin_base::{BoxError, Classified, ErrorClass};
use purlin_sql::SqlError;

use crate::job::Failure;

/// Why a call to the queue failed. Unless it says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// A name of a queue, job, tag, tenant or key, or a job id, that is none.
    #[error("{what} {given:?} is not allowed: {rule}")]
    Name {
        /// What it was to name.
        what: &'static str,
        /// What was given, cut to 80 characters.
        given: String,
        /// What is allowed.
        rule: &'static str,
    },
    /// An option that is out of its range or contradicts another.
    #[error("option {option}: {rule}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What is allowed.
        rule: &'static str,
    },
    /// The payload is larger than the bound.
    #[error("the payload of {size} bytes is over the bound of {max}")]
    TooLarge {
        /// Bytes of the payload as JSON.
        size: usize,
        /// The bound.
        max: usize,
    },
    /// The payload cannot be written as JSON, or read as the type wanted.
    #[error("the payload of {name:?} does not fit its type: {reason}")]
    Payload {
        /// The job's name.
        name: String,
        /// What serde says.
        reason: String,
    },
    /// The schedule's pattern is none, or there is no moment that it names.
    #[error("schedule {id:?}: {reason}")]
    Schedule {
        /// The schedule.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// The flow has a job below itself, two jobs of one id, or more jobs than the bound.
    #[error("the flow is refused: {reason}")]
    Flow {
        /// What is wrong.
        reason: String,
    },
    /// There is no such job.
    #[error("there is no job {id:?} in queue {queue:?}")]
    NotFound {
        /// The queue.
        queue: String,
        /// The job.
        id: String,
    },
    /// The job's state does not allow it.
    #[error("job {id:?} is {state}: it cannot be {wanted}")]
    State {
        /// The job.
        id: String,
        /// The state it is in.
        state: &'static str,
        /// What was wanted, as a past participle.
        wanted: &'static str,
    },
    /// The attempt is no longer the job's own: its lease ran out and another attempt may run.
    #[error("the lease of job {id:?} is lost: another attempt may be running")]
    LeaseLost {
        /// The job.
        id: String,
    },
    /// The engine cannot do it, and it is not emulated.
    #[error("the {engine} engine does not offer {capability}: {reason}")]
    NotOffered {
        /// The engine.
        engine: &'static str,
        /// What was asked for.
        capability: &'static str,
        /// Why not, and what to use instead.
        reason: &'static str,
    },
    /// The job that was waited for has failed for good.
    #[error("job {id:?} failed: {}", failure.reason)]
    JobFailed {
        /// The job.
        id: String,
        /// Why.
        failure: Failure,
    },
    /// A wait was longer than allowed.
    #[error("nothing came within {waited:?}")]
    TimedOut {
        /// How long was waited.
        waited: Duration,
    },
    /// The queue or worker is closed.
    #[error("the queue is closed")]
    Closed,
    /// The database said no.
    #[error("the database failed: {0}")]
    Sql(#[from] SqlError),
    /// The store cannot be reached or answered with a fault. It may have done what was asked.
    #[error("the {engine} store failed: {source}")]
    Store {
        /// The engine.
        engine: &'static str,
        /// What it said.
        source: BoxError,
    },
}

impl Classified for QueueError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Name { .. } | Self::Option { .. } | Self::Schedule { .. } | Self::Flow { .. } => {
                ErrorClass::Invalid
            }
            Self::Payload { .. } => ErrorClass::Invalid,
            Self::TooLarge { .. } => ErrorClass::TooLarge,
            Self::NotFound { .. } => ErrorClass::NotFound,
            Self::State { .. } | Self::LeaseLost { .. } => ErrorClass::Conflict,
            Self::NotOffered { .. } => ErrorClass::NotImplemented,
            Self::JobFailed { .. } => ErrorClass::Internal,
            Self::TimedOut { .. } | Self::Closed | Self::Store { .. } => ErrorClass::Unavailable,
            Self::Sql(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "QUEUE_NAME",
            Self::Option { .. } => "QUEUE_OPTION",
            Self::TooLarge { .. } => "QUEUE_PAYLOAD_TOO_LARGE",
            Self::Payload { .. } => "QUEUE_PAYLOAD",
            Self::Schedule { .. } => "QUEUE_SCHEDULE",
            Self::Flow { .. } => "QUEUE_FLOW",
            Self::NotFound { .. } => "QUEUE_JOB_NOT_FOUND",
            Self::State { .. } => "QUEUE_JOB_STATE",
            Self::LeaseLost { .. } => "QUEUE_LEASE_LOST",
            Self::NotOffered { .. } => "QUEUE_NOT_OFFERED",
            Self::JobFailed { .. } => "QUEUE_JOB_FAILED",
            Self::TimedOut { .. } => "QUEUE_TIMED_OUT",
            Self::Closed => "QUEUE_CLOSED",
            Self::Sql(error) => error.code(),
            Self::Store { .. } => "QUEUE_STORE",
        }
    }
}

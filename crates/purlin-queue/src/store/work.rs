//! What workers ask and answer.

use std::time::Duration;

use purlin_base::Timestamp;

use crate::job::{Failure, JobRecord, Payload};

/// One attempt of one job, as its worker proves it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The queue.
    pub queue: String,
    /// The job.
    pub id: String,
    /// The fencing token: greater with each attempt of the job.
    pub fence: u64,
    /// The engine's own secret of the attempt, where it has one; else empty.
    pub token: String,
}

/// How many jobs to take, of what, for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The queue.
    pub queue: String,
    /// At most so many.
    pub max: u32,
    /// The lease each of them gets.
    pub lease: Duration,
    /// Who takes them: a name of a process's instance, for people to read.
    pub worker: String,
}

/// Ends attempts, then takes jobs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// Attempts that have ended, at most 1000, none of them twice.
    pub finish: Vec<Finish>,
    /// What to take; `None`: nothing.
    pub claim: Option<Claim>,
}

/// The end of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Finish {
    /// The attempt.
    pub lease: Lease,
    /// How it ended.
    pub ending: Ending,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// It succeeded, with a result.
    Complete(Payload),
    /// It failed, and another attempt follows after the wait.
    Retry {
        /// Why.
        failure: Failure,
        /// How long to wait.
        after: Duration,
    },
    /// It failed, and none follows.
    Fail(Failure),
    /// It is wanted again later, at no cost; why, for people to read.
    Snooze {
        /// How long to wait.
        after: Duration,
        /// Why, where there is something to say: no processor of that name here. Becomes a line
        /// of the job's log.
        reason: Option<String>,
    },
    /// It is handed back untouched: the worker stops.
    Release,
    /// It waits for the children it has added.
    AwaitChildren,
}

impl Ending {
    /// Bytes of what it brings to be stored.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Complete(result) => result.as_str().len(),
            Self::Retry { failure, .. } | Self::Fail(failure) => failure.reason.len(),
            Self::Snooze { reason, .. } => reason.as_ref().map_or(0, String::len),
            Self::Release | Self::AwaitChildren => 0,
        }
    }
}

/// What came of a [`Finish`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// The attempt has ended as asked; the job is now in this state.
    Done(crate::State),
    /// The attempt was no longer the job's own. Nothing was changed.
    LeaseLost,
}

/// What came of a [`Turn`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turned {
    /// For each finish, in order.
    pub finished: Vec<Finished>,
    /// The jobs taken, in the order to run them.
    pub claimed: Vec<ClaimedJob>,
    /// Nothing could be taken, or less than asked, and it is of no use to ask again before: a limit
    /// holds, or the next job is due then. `None`: nothing is known.
    pub again_in: Option<Duration>,
}

/// A job that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedJob {
    /// The attempt, for everything that follows.
    pub lease: Lease,
    /// When the lease runs out, by the store's clock, unless it is renewed.
    pub lease_until: Timestamp,
    /// The job, as it is with this attempt begun.
    pub job: JobRecord,
}

/// What came of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// The lease is extended.
    Kept,
    /// The lease is extended, and somebody wants the job to stop.
    CancelRequested,
    /// The attempt is no longer the job's own.
    Lost,
}

/// Something to note about a running attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Annotation {
    /// How far it is.
    Progress(Payload),
    /// A line for its log, cut to 4 KiB; the newest 1000 are kept.
    Log(String),
    /// New data.
    Data(Payload),
    /// The result of a step, at most 100 a job: one more is [`QueueError::Option`](crate::QueueError).
    Step {
        /// The step's name.
        name: String,
        /// What it returned.
        result: Payload,
    },
}

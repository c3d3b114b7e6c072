//! What a store tells of a job.

use purlin_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{JobOptions, Payload};
use crate::{State, store::OnChildFailure};

/// Everything a store tells of one job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// The queue.
    pub queue: String,
    /// The id, unique in the queue.
    pub id: String,
    /// The name of its type.
    pub name: String,
    /// The version of its payload's form.
    pub version: u32,
    /// Its payload.
    pub data: Payload,
    /// What was said when it was added; `priority` as it is now.
    pub options: JobOptions,
    /// Where it is.
    pub state: State,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it may start, while it is delayed.
    pub delayed_until: Option<Timestamp>,
    /// When its last attempt began.
    pub processed_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Attempts that were begun.
    pub attempts_started: u32,
    /// Attempts that have succeeded or failed: what `attempts` bounds.
    pub attempts_made: u32,
    /// Attempts whose process died.
    pub crashes: u32,
    /// The fencing token of the newest attempt.
    pub fence: u64,
    /// What the processor last said of its progress.
    pub progress: Option<Payload>,
    /// What it returned.
    pub result: Option<Payload>,
    /// Why it failed: of the last attempt, also while another follows; none once it has completed.
    pub failure: Option<Failure>,
    /// The jobs that wait for it.
    pub parents: Vec<Parent>,
    /// The schedule that made it.
    pub schedule: Option<String>,
    /// The W3C trace context of whoever added it.
    pub traceparent: Option<String>,
    /// Somebody wants it to stop.
    pub cancel_requested: bool,
}

/// A job that waits for this one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Parent {
    /// Its queue.
    pub queue: String,
    /// Its id.
    pub id: String,
    /// What happens to it when this one fails.
    pub on_failure: OnChildFailure,
}

/// Why an attempt or a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of end it was.
    pub cause: FailureCause,
    /// What the processor, or the queue, said; at most 4 KiB are kept.
    pub reason: String,
}

/// What kind of end a failure was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCause {
    /// The processor returned an error, or panicked.
    Error,
    /// The processor said that another attempt is of no use.
    Unrecoverable,
    /// An attempt took longer than its bound.
    Timeout,
    /// Its process died too often.
    Poison,
    /// The payload could not be read.
    Undecodable,
    /// A child failed, and its policy was to fail the parent.
    Child,
    /// Somebody cancelled it.
    Cancelled,
    /// An operator moved it to the dead letters.
    Buried,
}

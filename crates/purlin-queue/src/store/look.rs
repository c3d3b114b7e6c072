//! What can be looked at.

use purlin_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Limits, OnChildFailure, Retention};
use crate::{
    State,
    job::{Failure, Payload},
};

/// Which jobs, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobsQuery {
    /// The queue.
    pub queue: String,
    /// In these states; none: in any.
    pub states: Vec<State>,
    /// With this tag.
    pub tag: Option<String>,
    /// With this name.
    pub name: Option<String>,
    /// After so many.
    pub offset: u64,
    /// At most so many, up to 1000.
    pub max: u32,
}

/// How many jobs of a queue are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Ready, without a priority.
    pub waiting: u64,
    /// Ready, with a priority.
    pub prioritized: u64,
    /// Ready later.
    pub delayed: u64,
    /// Running.
    pub active: u64,
    /// Waiting for children.
    pub waiting_children: u64,
    /// Done.
    pub completed: u64,
    /// Dead letters.
    pub failed: u64,
}

impl Counts {
    /// How many are in `state`.
    pub const fn of(&self, state: State) -> u64 {
        match state {
            State::Waiting => self.waiting,
            State::Prioritized => self.prioritized,
            State::Delayed => self.delayed,
            State::Active => self.active,
            State::WaitingChildren => self.waiting_children,
            State::Completed => self.completed,
            State::Failed => self.failed,
        }
    }

    /// Where the number of `state` is.
    pub const fn of_mut(&mut self, state: State) -> &mut u64 {
        match state {
            State::Waiting => &mut self.waiting,
            State::Prioritized => &mut self.prioritized,
            State::Delayed => &mut self.delayed,
            State::Active => &mut self.active,
            State::WaitingChildren => &mut self.waiting_children,
            State::Completed => &mut self.completed,
            State::Failed => &mut self.failed,
        }
    }
}

/// Some lines of a job's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The lines.
    pub lines: Vec<String>,
    /// How many there are.
    pub total: u64,
}

/// A child of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// Its queue.
    pub queue: String,
    /// Its id.
    pub id: String,
    /// What its failure does to the parent.
    pub on_failure: OnChildFailure,
    /// What became of it.
    pub outcome: ChildOutcome,
}

/// What became of a child.
#[derive(Clone, Debug, PartialEq)]
pub enum ChildOutcome {
    /// It has not ended.
    Pending,
    /// It was completed, with this result; kept though the child itself may be gone.
    Completed(Payload),
    /// It failed.
    Failed(Failure),
}

/// A queue at a glance.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSummary {
    /// Its name.
    pub name: String,
    /// No job is taken.
    pub paused: bool,
    /// Its limits.
    pub limits: Limits,
    /// How finished jobs are kept.
    pub retention: Retention,
}

/// A worker that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// Its instance's id, never used twice.
    pub id: String,
    /// The queue it works on.
    pub queue: String,
    /// What it is called; several may be called the same.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// Jobs it runs at once at most.
    pub concurrency: u32,
    /// Jobs it runs now.
    pub running: u32,
    /// When it was started.
    pub started_at: Timestamp,
}

/// Something that has happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// To which job; empty for events of the queue itself.
    pub job: String,
    /// What.
    pub kind: EventKind,
}

/// What has happened, by BullMQ's names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// It was added.
    Added,
    /// It is ready.
    Waiting,
    /// It waits for a moment.
    Delayed,
    /// It waits for its children.
    WaitingChildren,
    /// A worker has taken it.
    Active,
    /// It said how far it is.
    Progress(Payload),
    /// It is done.
    Completed(Payload),
    /// It has failed for good.
    Failed(Failure),
    /// Its worker's lease ran out.
    Stalled,
    /// Another one was to be added in its place.
    Deduplicated,
    /// It is gone.
    Removed,
    /// Jobs are not taken any more.
    Paused,
    /// Jobs are taken again.
    Resumed,
}

/// Jobs that ended within a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MinuteCount {
    /// The minute's first moment.
    pub minute: Timestamp,
    /// Completed.
    pub completed: u64,
    /// Failed for good.
    pub failed: u64,
}

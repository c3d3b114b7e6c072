//! What operators do.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    State,
    job::{Keep, Payload},
};

/// Something to do to a whole queue.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// No job is taken any more; those that run go on. The queue may be empty or new.
    Pause,
    /// Jobs are taken again.
    Resume,
    /// Removes what is ready, and if asked what is delayed. Ticks of schedules stay.
    Drain {
        /// Delayed jobs too.
        delayed: bool,
        /// At most so many.
        max: u32,
    },
    /// Removes jobs in `state` (not `active`) that are at least as old as `grace`, by when they
    /// finished, or else were added; the oldest first.
    Clean {
        /// In which state.
        state: State,
        /// How old.
        grace: Duration,
        /// At most so many.
        max: u32,
    },
    /// Retries what is `completed` or `failed`, the oldest first.
    RetryAll {
        /// Which of them.
        state: State,
        /// At most so many.
        max: u32,
    },
    /// Makes delayed jobs ready.
    PromoteAll {
        /// At most so many.
        max: u32,
    },
    /// Removes everything of the queue, its settings and schedules included once the last job is
    /// gone.
    Obliterate {
        /// Though jobs are running: their workers lose their leases. Without it a job that runs is
        /// [`QueueError::State`](crate::QueueError::State), and nothing is changed.
        force: bool,
        /// At most so many.
        max: u32,
    },
    /// Sets the limits of the queue.
    Limit(Limits),
    /// Sets how finished jobs of the queue are kept.
    Retain(Retention),
}

/// Something to do to one job.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Ends it, or asks its worker to.
    Cancel,
    /// Makes a delayed job ready.
    Promote,
    /// Runs a finished job again, from its first attempt: attempts and crashes are counted anew,
    /// result and failure are forgotten. A failed job keeps the results of its steps, a completed one
    /// does not. A deduplication key is not taken again.
    Redrive,
    /// Moves it to the dead letters.
    Bury {
        /// Why.
        reason: String,
    },
    /// Removes it, and its children that have not been started and have no other parent. For its
    /// own parents it counts as ended.
    Remove,
    /// Gives it other data.
    Data(Payload),
    /// Gives it another priority; its place among those of that priority stays that of its age.
    Priority(u32),
    /// Lets a delayed job wait this long from now.
    Delay(Duration),
}

/// What a queue may do at once and in a time, over all its workers. `None`: no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Jobs that run at once.
    pub concurrency: Option<u32>,
    /// Jobs that run at once for each limit key.
    pub key_concurrency: Option<u32>,
    /// Starts in a time.
    pub rate: Option<Rate>,
    /// Starts in a time for each limit key.
    pub key_rate: Option<Rate>,
    /// Turns of a tenant where others have one: 1 to 1000, 1 for those not named.
    pub tenant_weights: BTreeMap<String, u32>,
}

/// So many starts in a time: a window begins with its first start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Starts.
    pub max: u32,
    /// In this time.
    pub per: Duration,
}

/// How finished jobs are kept. Applied by a timer, whether or not other jobs finish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Default: a day, and at most 10 000.
    pub completed: Keep,
    /// Default: two weeks, and at most 10 000.
    pub failed: Keep,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: u64| Some(Duration::from_secs(days * 24 * 3600));
        Self {
            completed: Keep {
                count: Some(10_000),
                age: days(1),
            },
            failed: Keep {
                count: Some(10_000),
                age: days(14),
            },
        }
    }
}

//! What can be said of a job when it is added.

use std::time::Duration;

use purlin_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Backoff, Dedup, check_id, check_name};
use crate::QueueError;

/// The largest priority number, which is the least urgent.
///
/// # Source
///
/// BullMQ: 2²¹ − 1.
pub const PRIORITY_MAX: u32 = 2_097_151;

/// When a job may start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// As soon as a worker is free.
    #[default]
    Now,
    /// After a wait, by the store's clock.
    After(Duration),
    /// At a moment, by the store's clock; one that has passed is now.
    At(Timestamp),
}

/// How many finished jobs are kept, and for how long. The stricter of both counts; neither: all
/// that the queue's own retention allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// The newest so many of the queue, in that state.
    #[serde(default)]
    pub count: Option<u64>,
    /// Those finished within this time.
    #[serde(default)]
    pub age: Option<Duration>,
}

impl Keep {
    /// Nothing: the job is gone as soon as it has finished.
    pub const NOTHING: Self = Self {
        count: Some(0),
        age: None,
    };
}

/// What can be said of a job when it is added. [`Default`]: now, once, kept as the queue says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobOptions {
    /// When it may start.
    pub start: Start,
    /// 0: none, and before all others; 1 is the most urgent, [`PRIORITY_MAX`] the least.
    pub priority: u32,
    /// Before those that wait already, instead of after them.
    pub lifo: bool,
    /// Attempts at most, 1 to 1000. Default 1.
    pub attempts: u32,
    /// The wait between attempts. `None`: at once.
    pub backoff: Option<Backoff>,
    /// How long one attempt may take. `None`: the worker's bound.
    pub timeout: Option<Duration>,
    /// The job's id. `None`: one is made. A second job of the same id in the queue is the first.
    pub id: Option<String>,
    /// When it is another job that is there already.
    pub dedup: Option<Dedup>,
    /// Words to find it by, at most 20.
    pub tags: Vec<String>,
    /// Whose it is: tenants take turns.
    pub tenant: Option<String>,
    /// What the limits by key count it under.
    pub key: Option<String>,
    /// How it is kept once completed.
    pub keep_completed: Option<Keep>,
    /// How it is kept once failed.
    pub keep_failed: Option<Keep>,
    /// Crashes of its process after which it is taken for poison, 1 to 100.
    pub crashes_max: u32,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            start: Start::Now,
            priority: 0,
            lifo: false,
            attempts: 1,
            backoff: None,
            timeout: None,
            id: None,
            dedup: None,
            tags: Vec::new(),
            tenant: None,
            key: None,
            keep_completed: None,
            keep_failed: None,
            crashes_max: crate::state::CRASHES_MAX,
        }
    }
}

impl JobOptions {
    /// Whether every option is within its bounds.
    ///
    /// # Errors
    ///
    /// [`QueueError::Option`] or [`QueueError::Name`], naming the first that is not.
    pub fn check(&self) -> Result<(), QueueError> {
        let names = [
            ("tenant", &self.tenant),
            ("limit key", &self.key),
            (
                "deduplication key",
                &self.dedup.as_ref().map(|dedup| dedup.key.clone()),
            ),
        ];
        for (what, name) in names {
            name.iter().try_for_each(|name| check_name(what, name))?;
        }
        self.tags
            .iter()
            .try_for_each(|tag| check_name("tag", tag))?;
        self.id.iter().try_for_each(|id| check_id(id))?;
        let bounds = [
            ("priority", self.priority <= PRIORITY_MAX, "0 to 2097151"),
            ("attempts", (1..=1000).contains(&self.attempts), "1 to 1000"),
            (
                "crashes_max",
                (1..=100).contains(&self.crashes_max),
                "1 to 100",
            ),
            ("tags", self.tags.len() <= 20, "at most 20"),
            (
                "timeout",
                self.timeout != Some(Duration::ZERO),
                "more than 0",
            ),
            ("backoff.jitter", self.jitter_fits(), "0 to 1"),
        ];
        match bounds.into_iter().find(|(_, fits, _)| !fits) {
            Some((option, _, rule)) => Err(QueueError::Option { option, rule }),
            None => Ok(()),
        }
    }

    fn jitter_fits(&self) -> bool {
        let jitter = self.backoff.as_ref().map_or(0.0, |backoff| backoff.jitter);
        (0.0..=1.0).contains(&jitter)
    }
}

//! Counts and times of jobs, by OpenTelemetry's names for messaging.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Is told of jobs as they are added and worked on: what metrics are made of.
pub trait JobObserver: Send + Sync + 'static {
    /// A job was added, or was to be. Be quick, and do not panic.
    fn sent(&self, queue: &str, name: &str, is_ok: bool) {
        let _ = (queue, name, is_ok);
    }

    /// An attempt has ended. Be quick, and do not panic.
    fn processed(&self, attempt: &Processed<'_>) {
        let _ = attempt;
    }
}

/// An attempt that has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Processed<'a> {
    /// The queue.
    pub queue: &'a str,
    /// The name of the job's type.
    pub name: &'a str,
    /// How it ended.
    pub outcome: ProcessedAs,
    /// How long the processor took.
    pub took: Duration,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProcessedAs {
    /// It succeeded.
    Completed,
    /// It failed, and another attempt follows.
    Retried,
    /// It failed for good.
    Failed,
    /// It is wanted again at no cost: snoozed, waiting for children, or handed back.
    Postponed,
    /// Its lease was lost, and its result discarded.
    Lost,
}

impl ProcessedAs {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Completed,
        Self::Retried,
        Self::Failed,
        Self::Postponed,
        Self::Lost,
    ];

    /// In one word, for labels: `completed`, `retried`, `failed`, `postponed`, `lost`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Retried => "retried",
            Self::Failed => "failed",
            Self::Postponed => "postponed",
            Self::Lost => "lost",
        }
    }
}

/// Upper bounds of the buckets of [`JobCount::at_most`], in seconds.
///
/// # Source
///
/// OpenTelemetry's advice for `messaging.process.duration`.
pub const BOUNDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Pairs of queue and name that [`JobCounters`] tells apart; what comes beyond is counted under
/// `other`.
pub const PAIRS_MAX: usize = 256;

/// Counts what it is told of, in a bounded table.
///
/// | OpenTelemetry | here |
/// | --- | --- |
/// | `messaging.client.sent.messages` | [`sent`](JobCount::sent), [`not_sent`](JobCount::not_sent) |
/// | `messaging.client.consumed.messages` | the sum of [`processed`](JobCount::processed) |
/// | `messaging.process.duration` | [`at_most`](JobCount::at_most), [`seconds`](JobCount::seconds) |
#[derive(Debug, Default)]
pub struct JobCounters(Mutex<BTreeMap<(String, String), JobCount>>);

/// The counts of one type of job in one queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobCount {
    /// Jobs added.
    pub sent: u64,
    /// Jobs that could not be added.
    pub not_sent: u64,
    /// Attempts, in the order of [`ProcessedAs::ALL`].
    pub processed: [u64; 5],
    /// Attempts that took at most as long as each of [`BOUNDS`].
    pub at_most: [u64; 14],
    /// How long all attempts took, in seconds.
    pub seconds: f64,
}

impl JobCount {
    /// Attempts, however they ended.
    pub fn attempts(&self) -> u64 {
        self.processed.iter().sum()
    }

    /// Attempts that ended so.
    pub fn of(&self, outcome: ProcessedAs) -> u64 {
        self.processed[outcome as usize]
    }
}

impl JobCounters {
    /// No counts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every count, by queue and name.
    pub fn counts(&self) -> BTreeMap<(String, String), JobCount> {
        self.lock().clone()
    }

    fn change(&self, queue: &str, name: &str, change: impl FnOnce(&mut JobCount)) {
        let mut counts = self.lock();
        let mut key = (queue.to_owned(), name.to_owned());
        if counts.len() >= PAIRS_MAX && !counts.contains_key(&key) {
            key = ("other".to_owned(), "other".to_owned());
        }
        change(counts.entry(key).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), JobCount>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobObserver for JobCounters {
    fn sent(&self, queue: &str, name: &str, is_ok: bool) {
        self.change(queue, name, |count| match is_ok {
            true => count.sent += 1,
            false => count.not_sent += 1,
        });
    }

    fn processed(&self, attempt: &Processed<'_>) {
        let seconds = attempt.took.as_secs_f64();
        self.change(attempt.queue, attempt.name, |count| {
            count.processed[attempt.outcome as usize] += 1;
            count.seconds += seconds;
            for (bound, at_most) in BOUNDS.iter().zip(&mut count.at_most) {
                *at_most += u64::from(seconds <= *bound);
            }
        });
    }
}

//! Where jobs are kept, and which are worked here.

use std::time::Duration;

/// Where jobs are kept, and which are worked here. Handed in at start by
/// [`App::input`](crate::App::input).
#[derive(Clone, Debug)]
pub struct QueueSettings {
    /// Where they are kept. Default: in the application's database.
    pub jobs_in: JobsIn,
    /// Which queues are worked in this process. Default: all that have a processor.
    pub work: Work,
    /// How long a worker may be silent before its job is given to another, 1 s to an hour. Default
    /// 30 s.
    pub lease: Duration,
    /// Jobs of one queue at once in this process, 1 to 1000. Default 10.
    pub concurrency: u32,
    /// How long jobs that run are waited for at a stop, before they are handed back. Default 5 s.
    pub drain: Duration,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            jobs_in: JobsIn::Database,
            work: Work::All,
            lease: Duration::from_secs(30),
            concurrency: 10,
            drain: Duration::from_secs(5),
        }
    }
}

/// Where jobs are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum JobsIn {
    /// In the application's database: they commit together with what they are about.
    #[default]
    Database,
    /// In Redis, as BullMQ lays them out (feature `redis`). What is added inside a transaction goes
    /// through the outbox of the application's database.
    #[cfg(feature = "redis")]
    Redis {
        /// The address: `redis://HOST`.
        url: String,
        /// In front of every key. BullMQ's own default is `bull`.
        prefix: String,
    },
}

/// Which queues are worked in this process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// Every queue that a processor is there for.
    #[default]
    All,
    /// These. One that no processor is there for stops the start.
    Only(Vec<String>),
    /// None: jobs are added here and worked elsewhere.
    Nothing,
}

impl Work {
    /// Whether `queue` is worked here.
    pub(super) fn includes(&self, queue: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(queues) => queues.iter().any(|known| known == queue),
            Self::Nothing => false,
        }
    }
}

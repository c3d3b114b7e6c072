//! The kit for testing code that adds and does jobs: no database, no waiting, no threads.
//!
//! ```
//! use std::time::Duration;
//!
//! use purlin_queue::{Job, JobContext, JobError, assert_enqueued, testing::TestQueues};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Welcome {
//!     to: String,
//! }
//!
//! impl Job for Welcome {
//!     const NAME: &'static str = "welcome";
//!     const QUEUE: &'static str = "mails";
//!     type Output = ();
//! }
//!
//! async fn send(job: Welcome, context: JobContext) -> Result<(), JobError> {
//!     context.log(format!("sent to {}", job.to)).await?;
//!     Ok(())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let test = TestQueues::builder().processor::<Welcome, _>(send).build();
//!
//! // The code under test is given `test.queues()`.
//! let welcome = Welcome { to: "ada".to_owned() };
//! test.queues().add(welcome).delay(Duration::from_secs(3600)).attempts(2).await?;
//!
//! // What was added can be asked for, by its value or by what is true of it.
//! assert_enqueued!(test, Welcome { to: "ada".to_owned() });
//! assert_enqueued!(test, Welcome, |it| it.to.starts_with('a'));
//!
//! // Nothing runs until it is let, and nothing is due until time is moved.
//! assert_eq!(test.drain().await.attempts, 0);
//! test.fail_next::<Welcome>(1);
//! let ran = test.advance(Duration::from_secs(3600)).await;
//! assert_eq!((ran.attempts, ran.completed), (2, 1));
//! # Ok(()) }
//! ```

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use purlin_base::{Timestamp, id::IdMaker, random::SeededRng, time::ManualClock};

use crate::{
    Job, MemoryStore, Processor, Queue, QueueConfig, Queues,
    worker::{RawProcessor, WorkerBuilder},
    worker::{Shared, Worker},
};

mod asserts;
mod drain;

pub use drain::Drained;
pub(crate) use drain::Inline;

/// When tests begin: 2030-01-01T00:00:00Z.
const BEGINNING: i64 = 1_893_456_000_000_000;

/// Queues in memory whose jobs run when the test lets them, in time that only the test moves.
///
/// Clones are the same queues.
#[derive(Clone)]
pub struct TestQueues(Arc<Kit>);

pub(crate) struct Kit {
    clock: ManualClock,
    queues: Queues,
    /// Who does the jobs of each queue.
    works: BTreeMap<String, Arc<Shared>>,
    /// How many of the next attempts of each name are made to fail.
    fail_next: Mutex<HashMap<&'static str, u32>>,
    is_draining: AtomicBool,
}

/// Makes [`TestQueues`].
#[must_use = "nothing is made until `build`"]
pub struct TestQueuesBuilder {
    clock: ManualClock,
    queues: Queues,
    builders: BTreeMap<String, WorkerBuilder>,
    is_inline: bool,
}

impl TestQueues {
    /// Begins to make queues.
    pub fn builder() -> TestQueuesBuilder {
        Self::builder_with(QueueConfig::default())
    }

    /// As [`builder`](Self::builder), with settings of your own; time, chance and ids are the kit's.
    pub fn builder_with(config: QueueConfig) -> TestQueuesBuilder {
        let clock = ManualClock::new(Timestamp::from_unix_micros(BEGINNING));
        let (shared, rng) = (Arc::new(clock.clone()), Arc::new(SeededRng::new(1)));
        let store = Arc::new(MemoryStore::new(shared.clone()));
        let config = QueueConfig {
            ids: IdMaker::new(shared.clone(), rng.clone()),
            clock: shared,
            rng,
            ..config
        };
        TestQueuesBuilder {
            clock,
            queues: Queues::with_config(store, config),
            builders: BTreeMap::new(),
            is_inline: false,
        }
    }

    /// Queues without processors: what is added stays, and can be asked for.
    pub fn fake() -> Self {
        Self::builder().build()
    }

    /// The queues, for the code under test.
    pub fn queues(&self) -> &Queues {
        &self.0.queues
    }

    /// One of them.
    ///
    /// # Panics
    ///
    /// If `name` is no name of a queue.
    pub fn queue(&self, name: &str) -> Queue {
        let queue = self.0.queues.queue(name);
        queue.expect("a test names its queue as it must be named")
    }

    /// The clock that they go by; [`advance`](Self::advance) moves it and runs what becomes due.
    pub fn clock(&self) -> &ManualClock {
        &self.0.clock
    }

    /// Makes the next `attempts` of jobs of this type fail, without calling their processor.
    pub fn fail_next<J: Job>(&self, attempts: u32) {
        lock(&self.0.fail_next).insert(J::NAME, attempts);
    }
}

impl TestQueuesBuilder {
    /// Who does jobs of type `J`.
    pub fn processor<J: Job, P: Processor<J>>(self, processor: P) -> Self {
        self.work(J::QUEUE, |builder| builder.processor::<J, P>(processor))
    }

    /// Who does jobs of this name in that queue, whatever their type.
    pub fn raw<P: RawProcessor>(self, queue: &str, name: &str, processor: P) -> Self {
        self.work(queue, |builder| builder.raw(name, processor))
    }

    /// What else there is to set on the worker of a queue: custom backoffs, bounds.
    ///
    /// # Panics
    ///
    /// If `queue` is no name of a queue.
    pub fn work(mut self, queue: &str, set: impl FnOnce(WorkerBuilder) -> WorkerBuilder) -> Self {
        let builder = self.builders.remove(queue).unwrap_or_else(|| {
            let home = self.queues.queue(queue);
            let home = home.expect("a test names its queue as it must be named");
            Worker::of(&home).lease(Duration::from_secs(3600))
        });
        self.builders.insert(queue.to_owned(), set(builder));
        self
    }

    /// Runs each job as soon as it is added, if it is due, before whoever added it goes on.
    pub fn inline(mut self) -> Self {
        self.is_inline = true;
        self
    }

    /// Makes the queues.
    ///
    /// # Panics
    ///
    /// If an option of a worker is out of its bounds.
    pub fn build(self) -> TestQueues {
        let works = self.builders.into_iter().map(|(queue, builder)| {
            let shared = builder.shared();
            (
                queue,
                shared.expect("the options of a test are within their bounds"),
            )
        });
        let kit = Arc::new(Kit {
            clock: self.clock,
            queues: self.queues,
            works: works.collect(),
            fail_next: Mutex::default(),
            is_draining: AtomicBool::new(false),
        });
        if self.is_inline {
            kit.queues.set_inline(Arc::downgrade(&kit) as _);
        }
        TestQueues(kit)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for TestQueues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let works: Vec<&String> = self.0.works.keys().collect();
        f.debug_struct("TestQueues")
            .field("works", &works)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TestQueuesBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestQueuesBuilder").finish_non_exhaustive()
    }
}

//! Does the jobs of a queue.
//!
//! | what happens | the answer |
//! | --- | --- |
//! | the processor returns `Ok` | the job is completed, with the result |
//! | it returns an error, or panics | another attempt if there is one left, after the job's backoff; else the job has failed |
//! | it takes longer than it may | it is told to stop, then dropped; a failed attempt, cause `timeout` |
//! | the process dies | the lease runs out, and another worker takes the job; after 3 times it is poison |
//! | the lease is lost | it is told to stop; what it returns is discarded, the newer attempt untouched |
//! | nobody here knows the job's name or version | it is left for 30 s to another worker, with the reason |
//! | the payload cannot be read | it has failed at once, cause `undecodable` |
//! | the store is away | what runs goes on; results are sent again until their leases end |
//! | the worker stops | nothing new is taken; what runs may go on until the deadline, then it is handed back |
//!
//! Execution is at least once: a job whose worker died, or lost its lease, is run again. The effect is
//! exactly once for what is done in the transaction that completes the job, by
//! [`JobContext::complete_in`].

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{BoxError, lifecycle::Lifecycle};

use crate::{Queue, QueueError, Store};

mod attempt;
mod backlog;
mod backoff;
mod batch;
mod builder;
mod children;
mod context;
mod effect;
mod ending;
mod error;
mod handler;
mod lease;
mod pace;
#[cfg(all(target_os = "linux", feature = "process"))]
mod process;
mod processor;
mod run;
mod shared;
mod steps;
mod stop;
mod supervisor;
mod upkeep;

pub use backoff::FailedAttempt;
pub use builder::WorkerBuilder;
pub use context::JobContext;
pub use error::JobError;
pub use processor::{BatchProcessor, BatchedJob, Processor, RawJob, RawProcessor};

pub(crate) use attempt::Attempts;
#[cfg(feature = "testing")]
pub(crate) use handler::{Call, Fault, Handler};
#[cfg(feature = "testing")]
pub(crate) use run::{Ended, run, run_by};
#[cfg(feature = "testing")]
pub(crate) use shared::Shared;

#[cfg(not(feature = "testing"))]
use shared::Shared;
use supervisor::Supervisor;

/// Does the jobs of one queue, in this process. Any number of workers, in any number of processes, may
/// work on a queue.
///
/// Dropping it stops it at once, and does not wait for the end: [`stop`](Self::stop) does.
///
/// # Examples
///
/// ```no_run
/// # use std::{sync::Arc, time::Duration};
/// # use purlin_queue::{Job, JobContext, JobError, QueueError, Store, Worker};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct Welcome { to: String }
/// # impl Job for Welcome {
/// #     const NAME: &'static str = "welcome";
/// #     const QUEUE: &'static str = "mails";
/// #     type Output = ();
/// # }
/// async fn send(job: Welcome, context: JobContext) -> Result<(), JobError> {
///     context.log(format!("sent to {}", job.to)).await?;
///     Ok(())
/// }
///
/// # async fn example(store: Arc<dyn Store>) -> Result<(), QueueError> {
/// let worker = Worker::builder(store, "mails")
///     .concurrency(10)
///     .processor::<Welcome, _>(send)
///     .start()
///     .await?;
/// // … until the program ends:
/// worker.stop(Duration::from_secs(10)).await;
/// # Ok(()) }
/// ```
pub struct Worker(Arc<Shared>);

impl Worker {
    /// Begins to make a worker of the queue `name`.
    pub fn builder(store: Arc<dyn Store>, name: impl AsRef<str>) -> WorkerBuilder {
        WorkerBuilder::new(Queue::new(store, name))
    }

    /// Begins to make a worker of `queue`, with its settings: what seals payloads, the clock, who is
    /// told of jobs.
    pub fn of(queue: &Queue) -> WorkerBuilder {
        WorkerBuilder::new(Ok(queue.clone()))
    }

    fn begin(shared: Arc<Shared>) -> Result<Self, QueueError> {
        shared.home.local().join(&shared.attempts);
        lease::keep(Arc::clone(&shared)).map_err(|error| QueueError::Store {
            engine: shared.store.engine(),
            source: error.into(),
        })?;
        purlin_runtime::spawn(upkeep::run(Arc::clone(&shared)));
        purlin_runtime::spawn(Supervisor::new(Arc::clone(&shared)).work());
        Ok(Self(shared))
    }

    /// Takes no more jobs, hands back what has not begun, and waits up to `within` for what runs.
    /// What still runs then is told to stop, dropped after the grace and handed back: that attempt
    /// does not count. An idle worker stops at once.
    ///
    /// Calling it again waits for the same end; the nearer deadline counts if the wait has not begun.
    ///
    /// # Cancel safety
    ///
    /// Dropping it stops the waiting only: the worker goes on stopping.
    pub async fn stop(&self, within: Duration) {
        self.0.stop.ask(within);
        self.0.done.cancelled().await;
    }

    /// The queue it works on.
    pub fn queue(&self) -> &Queue {
        &self.0.home
    }

    /// Its id, never used twice.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Jobs that it runs now.
    pub fn running(&self) -> u32 {
        self.0.running()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.stop.ask(Duration::ZERO);
    }
}

impl Lifecycle for Worker {
    /// Stops, as soon as the application does: within what [`drain`](WorkerBuilder::drain) says.
    async fn on_module_destroy(&self) -> Result<(), BoxError> {
        self.stop(self.0.settings.drain).await;
        Ok(())
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("queue", &self.0.queue())
            .field("id", &self.0.id)
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}

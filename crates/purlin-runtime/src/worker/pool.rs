//! Threads that each keep a state, and a bounded queue of jobs for them.
//!
//! | what happens | the answer |
//! | --- | --- |
//! | the queue is full | [`run`](WorkerPool::run) waits, [`try_run`](WorkerPool::try_run) fails with [`WorkerPoolError::Full`] |
//! | the caller goes away | a job that has not begun leaves the queue; one that has begun is asked to stop |
//! | the deadline passes | [`WorkerPoolError::Timeout`] at once; a job that has begun is asked to stop |
//! | a job panics | [`WorkerPoolError::Panicked`]; the thread is replaced, with a new state |
//! | the pool closes | what was accepted is finished until the deadline of the close, then asked to stop |

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{
    BoxError,
    lifecycle::{Lifecycle, StopReason},
};

use crate::{
    panics,
    queue::Queue,
    stop::{Flag, StopToken},
    thread::ThreadOptions,
};

mod builder;
mod error;
mod job;
mod turn;

pub use builder::WorkerPoolBuilder;
pub use error::{WorkerPoolError, WorkerPoolStillRunning};
pub use job::PoolJob;

use turn::Work;

/// Threads that each keep a state `S`, and a bounded queue of jobs for them. Cheap to clone; clones
/// are the same pool.
///
/// The state is for what is dear to make and cannot be shared: a parser, a model, a connection that
/// blocks. It is made on its thread when the first job comes, stays there, and need not be [`Send`].
/// The pool closes when its last clone is dropped, or by [`close`](Self::close).
///
/// # Examples
///
/// ```
/// use purlin_runtime::worker::WorkerPool;
///
/// # let rt = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// # rt.block_on(async {
/// // Each thread counts its own jobs.
/// let pool = WorkerPool::builder("counter").threads(1).build(|| 0_u32)?;
/// for expected in 1..=3 {
///     let count = pool.run("count", |count, _stop| {
///         *count += 1;
///         *count
///     });
///     assert_eq!(count.await?, expected);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WorkerPool<S>(Arc<Owner<S>>);

/// What every clone of the pool and every unfinished call holds; the threads do not, so that they
/// end when the last of these is gone.
struct Owner<S>(Arc<Shared<S>>);

struct Shared<S> {
    queue: Arc<Queue<Work<S>>>,
    init: Box<dyn Fn() -> S + Send + Sync>,
    thread: ThreadOptions,
    threads: usize,
    close_within: Duration,
    /// Asks everything that runs to stop.
    stop: Arc<Flag>,
}

impl<S> Drop for Owner<S> {
    fn drop(&mut self) {
        self.0.queue.close();
    }
}

impl<S> Clone for WorkerPool<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl WorkerPool<()> {
    /// Begins a pool whose threads have this name, of 1 to 64 bytes, and a number each; see
    /// [`WorkerPoolBuilder`] for what can be set and the defaults.
    pub fn builder(name: &str) -> WorkerPoolBuilder {
        WorkerPoolBuilder::named(name)
    }
}

impl<S: 'static> WorkerPool<S> {
    /// How long a pool that was closed waits for what runs, after it was asked to stop.
    pub const STOP_GRACE: Duration = Duration::from_secs(1);

    /// A job by this name, to be given a priority or a deadline, and then run.
    pub fn job(&self, job: &'static str) -> PoolJob<S> {
        PoolJob::new(Arc::clone(&self.0), job)
    }

    /// Runs `work` on a thread of the pool, with the state of the thread, and gives back its answer.
    /// Short for [`job`](Self::job) and [`PoolJob::run`].
    ///
    /// # Errors
    ///
    /// As [`PoolJob::run`].
    ///
    /// # Cancel safety
    ///
    /// As [`PoolJob::run`].
    pub fn run<T, F>(
        &self,
        job: &'static str,
        work: F,
    ) -> impl Future<Output = Result<T, WorkerPoolError>> + Send + use<S, T, F>
    where
        F: FnOnce(&mut S, &StopToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        self.job(job).run(work)
    }

    /// As [`run`](Self::run), but never waits for a place in the queue.
    ///
    /// # Errors
    ///
    /// [`WorkerPoolError::Full`]; else as [`PoolJob::run`].
    ///
    /// # Cancel safety
    ///
    /// As [`PoolJob::run`].
    pub fn try_run<T, F>(
        &self,
        job: &'static str,
        work: F,
    ) -> impl Future<Output = Result<T, WorkerPoolError>> + Send + use<S, T, F>
    where
        F: FnOnce(&mut S, &StopToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        self.job(job).try_run(work)
    }

    /// Stops taking jobs, and finishes what was accepted `within` that time. What is left then is
    /// dropped if it has not begun, and else asked to stop and waited for a little longer
    /// ([`STOP_GRACE`](Self::STOP_GRACE)).
    ///
    /// # Errors
    ///
    /// [`WorkerPoolStillRunning`] if jobs run on that do not ask whether to stop. They keep their
    /// threads until they end.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with timers.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting only: the pool takes no more jobs.
    pub async fn close(&self, within: Duration) -> Result<(), WorkerPoolStillRunning> {
        let shared = &self.0.0;
        shared.queue.close();
        if ends(&shared.queue, within).await {
            return Ok(());
        }
        shared.stop.raise();
        panics::contain(|| shared.queue.clear());
        if ends(&shared.queue, Self::STOP_GRACE).await {
            return Ok(());
        }
        Err(WorkerPoolStillRunning {
            jobs: shared.queue.running(),
        })
    }

    /// Threads of the pool.
    pub fn threads(&self) -> usize {
        self.0.0.threads
    }

    /// Jobs that may wait in the queue at once.
    pub fn queue_max(&self) -> usize {
        self.0.0.queue.queue_max()
    }

    /// Jobs in the queue now: accepted and not begun.
    pub fn queued(&self) -> usize {
        self.0.0.queue.queued()
    }

    /// Jobs that are running now, those that nobody waits for any more included.
    pub fn running(&self) -> usize {
        self.0.0.queue.running()
    }

    /// Jobs that have panicked since the pool was made: as many threads were replaced.
    pub fn panics(&self) -> u64 {
        self.0.0.queue.panics()
    }
}

async fn ends<S>(queue: &Queue<Work<S>>, within: Duration) -> bool {
    tokio::time::timeout(within, queue.ended()).await.is_ok()
}

impl<S: 'static> fmt::Debug for WorkerPool<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPool")
            .field("name", &self.0.0.thread.name)
            .field("threads", &self.threads())
            .field("queue_max", &self.queue_max())
            .field("queued", &self.queued())
            .field("running", &self.running())
            .field("panics", &self.panics())
            .finish()
    }
}

impl<S: 'static> Lifecycle for WorkerPool<S> {
    /// Closes the pool, once nothing is served any more.
    async fn on_application_shutdown(&self, _reason: StopReason) -> Result<(), BoxError> {
        Ok(self.close(self.0.0.close_within).await?)
    }
}

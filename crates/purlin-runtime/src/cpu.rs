//! A bounded pool of threads for work that computes.
//!
//! An async program stands still while a task computes. What takes longer than about 100 µs
//! (hashing, images, compression, large templates) belongs on a [`CpuPool`]: threads of its own,
//! a queue with a bound, and one answer to each thing that can go wrong.
//!
//! | what happens | the answer |
//! | --- | --- |
//! | the queue is full | [`run`](CpuPool::run) waits, [`try_run`](CpuPool::try_run) fails with [`CpuError::Full`] |
//! | the caller goes away | a job that has not begun is taken out of the queue; one that has begun runs to its end |
//! | the deadline of the [`Context`] passes in the queue | [`CpuError::Timeout`]; the job never begins |
//! | the work panics | [`CpuError::Panicked`]; the thread goes on with the next job |
//! | the pool closes | what was accepted is finished, the rest is told [`CpuError::Closed`] |
//!
//! For calls that *block* (files, old drivers) use tokio's `spawn_blocking`: they need many
//! threads that wait, and this pool has few threads that compute.

use std::{fmt, future::Future, pin::pin, sync::Arc, time::Instant};

use purlin_base::{
    BoxError, Context,
    lifecycle::{Lifecycle, StopReason},
    work::Label,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tracing::Span;

use crate::{
    panics::{self, Panic},
    queue::{Priority, Queue, Ticket},
    thread::stand_back,
};

mod builder;
mod error;
mod parallel;

pub use builder::{CpuPoolBuilder, CpuPoolError};
pub use error::CpuError;
pub use parallel::ParallelError;

/// A bounded pool of threads for work that computes. Cheap to clone; clones are the same pool.
///
/// Jobs begin in the order in which they were accepted. The pool closes when its last clone is
/// dropped, or by [`close`](Self::close), which also waits for the end.
///
/// # Examples
///
/// ```
/// use purlin_runtime::CpuPool;
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let pool = CpuPool::builder().threads(2).queue_max(64).build()?;
/// let sum = pool.run("sum", || (1..=1_000_u64).sum::<u64>()).await?;
/// assert_eq!(sum, 500_500);
/// pool.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CpuPool(Arc<Owner>);

/// What every clone of the pool and every unfinished call holds; the threads do not, so that they
/// end when the last of these is gone.
struct Owner {
    queue: Arc<Queue<Work>>,
    threads: usize,
}

/// A job: does its work, tells the queue when it is done, and answers.
struct Work(Box<Job>);

type Job = dyn FnOnce(&Queue<Work>) + Send;

impl Drop for Owner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl CpuPool {
    /// Begins a pool; see [`CpuPoolBuilder`] for what can be set and the defaults.
    pub fn builder() -> CpuPoolBuilder {
        CpuPoolBuilder::default()
    }

    /// Runs `work` on a thread of the pool, in the current [`Context`] and [`Span`], and gives back
    /// its answer.
    ///
    /// Waits for a place if the queue is full: the caller is held back, nothing piles up. Callers
    /// that wait are not counted here, so bound them where they come from. `job` names the work in
    /// errors and logs. Nothing happens before the future is first polled.
    ///
    /// # Errors
    ///
    /// - [`CpuError::Panicked`] if `work` panicked.
    /// - [`CpuError::Timeout`] if the deadline of the context passed before `work` began. Work
    ///   that has begun cannot be stopped from outside: a long one should look at the deadline.
    /// - [`CpuError::Closed`] if the pool was closed before `work` had a place in the queue.
    ///
    /// # Panics
    ///
    /// When the context has a deadline and the future runs outside a tokio runtime with timers.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes the job out of the queue if it has not begun; else the job runs
    /// to its end and its answer is dropped.
    pub fn run<T, F>(
        &self,
        job: &'static str,
        work: F,
    ) -> impl Future<Output = Result<T, CpuError>> + Send + use<T, F>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let call = Call::new(self, job, work);
        async move {
            let slot = wait_for_slot(&call.owner.queue, job, call.deadline()).await?;
            call.finish(slot).await
        }
    }

    /// As [`run`](Self::run), but never waits for a place in the queue.
    ///
    /// # Errors
    ///
    /// [`CpuError::Full`] if the queue is full when the future is first polled; else as
    /// [`run`](Self::run).
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub fn try_run<T, F>(
        &self,
        job: &'static str,
        work: F,
    ) -> impl Future<Output = Result<T, CpuError>> + Send + use<T, F>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let call = Call::new(self, job, work);
        async move {
            let queue = &call.owner.queue;
            let slot = queue.try_slot();
            let slot = slot.map_err(|refused| CpuError::refused(refused, queue.queue_max()))?;
            call.finish(slot).await
        }
    }

    /// Stops taking jobs, and ends once everything that was accepted has been finished and every
    /// thread has ended. Calls that still wait for a place are told [`CpuError::Closed`].
    ///
    /// Calling it again, from any clone, waits for the same end.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting only: the pool goes on closing.
    pub async fn close(&self) {
        self.0.queue.close();
        self.0.queue.ended().await;
    }

    /// Threads of the pool.
    pub fn threads(&self) -> usize {
        self.0.threads
    }

    /// Jobs that may wait in the queue at once.
    pub fn queue_max(&self) -> usize {
        self.0.queue.queue_max()
    }

    /// Jobs in the queue now: accepted and not begun.
    pub fn queued(&self) -> usize {
        self.0.queue.queued()
    }

    /// Jobs that are running now.
    pub fn running(&self) -> usize {
        self.0.queue.running()
    }

    /// Jobs that have panicked since the pool was made.
    pub fn panics(&self) -> u64 {
        self.0.queue.panics()
    }
}

impl fmt::Debug for CpuPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpuPool")
            .field("threads", &self.threads())
            .field("queue_max", &self.queue_max())
            .field("queued", &self.queued())
            .field("running", &self.running())
            .field("panics", &self.panics())
            .finish()
    }
}

impl Lifecycle for CpuPool {
    /// Closes the pool, once nothing is served any more.
    async fn on_application_shutdown(&self, _reason: StopReason) -> Result<(), BoxError> {
        self.close().await;
        Ok(())
    }
}

/// One call of [`CpuPool::run`] that has no place in the queue yet.
struct Call<F> {
    owner: Arc<Owner>,
    job: &'static str,
    context: Option<Context>,
    span: Span,
    work: F,
}

impl<F> Call<F> {
    fn new(pool: &CpuPool, job: &'static str, work: F) -> Self {
        Self {
            owner: Arc::clone(&pool.0),
            job,
            context: Context::current(),
            span: Span::current(),
            work,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.context.as_ref().and_then(Context::deadline)
    }

    async fn finish<T>(self, slot: OwnedSemaphorePermit) -> Result<T, CpuError>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (job, deadline) = (self.job, self.deadline());
        let (answer, answered) = oneshot::channel();
        let (span, work) = (self.span, self.work);
        let label = match Label::current() {
            Label::NONE => Label::job(job),
            named => named,
        };
        let work = move || {
            let _tagged = label.tag();
            span.in_scope(work)
        };
        let work = queued_work(job, self.context, work, answer);
        let ticket = self.owner.queue.push(slot, Priority::Normal, work);
        let ticket = ticket.map_err(|_closed| CpuError::Closed)?;
        let mut answered = pin!(answered);
        let answer = match before(deadline, &mut answered).await {
            Some(answer) => answer,
            None if Ticket::cancel(&ticket) => return Err(CpuError::Timeout { job }),
            None => answered.await, // It has begun, and so it is waited for.
        };
        answer.unwrap_or(Err(CpuError::Closed))
    }
}

async fn wait_for_slot(
    queue: &Queue<Work>,
    job: &'static str,
    deadline: Option<Instant>,
) -> Result<OwnedSemaphorePermit, CpuError> {
    match before(deadline, queue.slot()).await {
        Some(slot) => slot.map_err(|_closed| CpuError::Closed),
        None => Err(CpuError::Timeout { job }),
    }
}

/// What a thread of the pool does all its life.
fn work_off(queue: &Queue<Work>, niceness: u8) {
    stand_back(niceness);
    while let Some(Work(work)) = queue.take() {
        // Only the drop of an answer that nobody waits for can still panic here.
        panics::contain(|| work(queue));
    }
}

/// What a thread does with a job: everything that can panic is caught,
/// except the drop of an answer that nobody waits for, which the thread itself contains.
fn queued_work<T: Send + 'static>(
    job: &'static str,
    context: Option<Context>,
    work: impl FnOnce() -> T + Send + 'static,
    answer: oneshot::Sender<Result<T, CpuError>>,
) -> Work {
    Work(Box::new(move |queue| {
        let deadline = context.as_ref().and_then(Context::deadline);
        let outcome = if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            Err(CpuError::Timeout { job })
        } else {
            let work = || match context {
                Some(context) => context.sync_scope(work),
                None => work(),
            };
            panics::catch(work).map_err(|panic| panicked(queue, job, panic))
        };
        queue.done();
        let _ = answer.send(outcome); // The caller may have gone away.
    }))
}

/// Counts a panic and says what it said.
fn panicked(queue: &Queue<Work>, job: &'static str, panic: Panic) -> CpuError {
    queue.count_panic();
    let Panic { message, place } = panic;
    tracing::error!(job, message, place, "a job on the CPU pool panicked");
    CpuError::Panicked { job, message }
}

/// Waits for `future`, and not longer than to `deadline`.
pub(crate) async fn before<F: Future>(deadline: Option<Instant>, future: F) -> Option<F::Output> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline.into(), future).await.ok(),
        None => Some(future.await),
    }
}

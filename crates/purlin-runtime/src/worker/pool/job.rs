//! One job on its way: into the queue, through its turn, and back.

use std::{pin::pin, sync::Arc, time::Instant};

use purlin_base::Context;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tracing::Span;

use super::{
    Owner, WorkerPoolError,
    turn::{Fault, Work, with_state},
};
use crate::{
    cpu::before,
    panics,
    queue::{Priority, Ticket},
    stop::{Flag, RaiseOnDrop, StopToken},
};

/// A job for a [`WorkerPool`](super::WorkerPool), with a name, a priority and a deadline.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use purlin_runtime::worker::{Priority, WorkerPool};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
/// # rt.block_on(async {
/// let pool = WorkerPool::builder("report").build(|| ())?;
/// let job = pool
///     .job("monthly report")
///     .priority(Priority::Low)
///     .deadline(Instant::now() + Duration::from_secs(60));
/// let pages = job.run(|(), stop| (0..10).take_while(|_| !stop.is_stopped()).count()).await?;
/// assert_eq!(pages, 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a job does nothing before it is run"]
pub struct PoolJob<S> {
    owner: Arc<Owner<S>>,
    job: &'static str,
    priority: Priority,
    deadline: Option<Instant>,
    context: Option<Context>,
    span: Span,
}

impl<S: 'static> PoolJob<S> {
    pub(super) fn new(owner: Arc<Owner<S>>, job: &'static str) -> Self {
        let context = Context::current();
        let deadline = context.as_ref().and_then(Context::deadline);
        Self {
            owner,
            job,
            priority: Priority::default(),
            deadline,
            context,
            span: Span::current(),
        }
    }

    /// Which of the jobs that wait begins first. Default: [`Priority::Normal`].
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// When the job must have ended. The deadline of the [`Context`] holds as well, and the earlier
    /// of both counts. Default: none.
    pub fn deadline(mut self, deadline: Instant) -> Self {
        let earlier = self.deadline.map_or(deadline, |given| given.min(deadline));
        self.deadline = Some(earlier);
        self
    }

    /// Runs `work` on a thread of the pool, with the state of the thread, in the [`Context`] and
    /// [`Span`] in which the job was made, and gives back its answer.
    ///
    /// Waits for a place if the queue is full. Callers that wait are not counted here, so bound
    /// them where they come from. Nothing happens before the future is first polled.
    ///
    /// # Errors
    ///
    /// - [`WorkerPoolError::Timeout`] when the deadline passes. A job that has begun is asked to
    ///   stop, and an answer that is not there by then is dropped.
    /// - [`WorkerPoolError::Panicked`] if `work` panicked, [`WorkerPoolError::Init`] if making the
    ///   state did.
    /// - [`WorkerPoolError::Closed`] if the pool was closed before `work` began.
    ///
    /// # Panics
    ///
    /// When there is a deadline and the future runs outside a tokio runtime with timers.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes the job out of the queue if it has not begun; else `work` is asked
    /// to stop by its [`StopToken`] and its answer is dropped.
    pub async fn run<T, F>(self, work: F) -> Result<T, WorkerPoolError>
    where
        F: FnOnce(&mut S, &StopToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        let slot = match before(self.deadline, self.owner.0.queue.slot()).await {
            Some(slot) => slot.map_err(|_closed| WorkerPoolError::Closed)?,
            None => return Err(self.timeout(false)),
        };
        self.finish(slot, work).await
    }

    /// As [`run`](Self::run), but never waits for a place in the queue.
    ///
    /// # Errors
    ///
    /// [`WorkerPoolError::Full`] if the queue is full when the future is first polled; else as
    /// [`run`](Self::run).
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn try_run<T, F>(self, work: F) -> Result<T, WorkerPoolError>
    where
        F: FnOnce(&mut S, &StopToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        let queue = &self.owner.0.queue;
        let slot = queue.try_slot();
        let slot = slot.map_err(|refused| WorkerPoolError::refused(refused, queue.queue_max()))?;
        self.finish(slot, work).await
    }

    fn timeout(&self, begun: bool) -> WorkerPoolError {
        WorkerPoolError::Timeout {
            job: self.job,
            begun,
        }
    }

    async fn finish<T, F>(
        mut self,
        slot: OwnedSemaphorePermit,
        work: F,
    ) -> Result<T, WorkerPoolError>
    where
        F: FnOnce(&mut S, &StopToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        let caller_gone = RaiseOnDrop(Arc::new(Flag::default()));
        let stop = StopToken::of(Arc::clone(&caller_gone.0))
            .below(&self.owner.0.stop)
            .until(self.deadline);
        let (answer, answered) = oneshot::channel();
        let work = self.queued(stop, work, answer);
        let queue = &self.owner.0.queue;
        let ticket = queue.push(slot, self.priority, work);
        let ticket = ticket.map_err(|_closed| WorkerPoolError::Closed)?;
        match before(self.deadline, pin!(answered)).await {
            Some(answer) => answer.unwrap_or(Err(WorkerPoolError::Closed)),
            None => Err(self.timeout(!Ticket::cancel(&ticket))),
        }
    }

    fn queued<T, F>(
        &mut self,
        stop: StopToken,
        work: F,
        answer: oneshot::Sender<Result<T, WorkerPoolError>>,
    ) -> Work<S>
    where
        F: FnOnce(&mut S, &StopToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        let (job, context) = (self.job, self.context.take());
        let span = std::mem::replace(&mut self.span, Span::none());
        Work(Box::new(move |shared, state| {
            let work = |state: &mut S, stop: &StopToken| {
                span.in_scope(|| match context {
                    Some(context) => context.sync_scope(|| work(state, stop)),
                    None => work(state, stop),
                })
            };
            let outcome = match too_late(job, &stop) {
                Some(error) => Ok(Err(error)),
                None => with_state(shared, state, &stop, work).map(Ok),
            };
            let sound = !matches!(outcome, Err(Fault::Work(_)));
            if !sound {
                shared.queue.count_panic();
            }
            let outcome = outcome.unwrap_or_else(|fault| Err(told(job, fault)));
            shared.queue.done();
            // The caller may have gone away, and the drop of an answer may panic.
            panics::contain(|| drop(answer.send(outcome)));
            sound
        }))
    }
}

/// Why a job whose turn it is does not begin any more.
fn too_late(job: &'static str, stop: &StopToken) -> Option<WorkerPoolError> {
    let passed = |deadline| deadline <= Instant::now();
    if stop.deadline().is_some_and(passed) {
        return Some(WorkerPoolError::Timeout { job, begun: false });
    }
    stop.is_stopped().then_some(WorkerPoolError::Closed)
}

fn told(job: &'static str, fault: Fault) -> WorkerPoolError {
    let (Fault::Init(panic) | Fault::Work(panic)) = &fault;
    let (message, place) = (panic.message.clone(), panic.place.clone());
    tracing::error!(job, message, place, "a job on a pool of workers panicked");
    match fault {
        Fault::Init(_) => WorkerPoolError::Init {
            job,
            message,
            place,
        },
        Fault::Work(_) => WorkerPoolError::Panicked {
            job,
            message,
            place,
        },
    }
}

//! Many jobs, and one that runs when all of them have ended.

use super::{AddedFlow, Branch, Flow};
use crate::{Job, QueueError, queue::Queues, store::OnChildFailure};

/// Many jobs, and a callback job that runs when all of them have ended. It reads what became of them
/// by [`JobContext::children`](crate::JobContext::children). A [`Flow`] of one level, whose parent is
/// the callback.
///
/// # Examples
///
/// ```no_run
/// # use purlin_queue::{Batch, Job, QueueError, Queues};
/// # async fn example<R: Job, M: Job>(queues: Queues, report: R, mails: Vec<M>) -> Result<(), QueueError> {
/// let batch = Batch::new(report).jobs(mails);
/// let added = batch.add_to(&queues).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is added until `add_to`"]
#[derive(Debug)]
pub struct Batch<C> {
    callback: Flow<C>,
    on_failure: OnChildFailure,
}

impl<C: Job> Batch<C> {
    /// A batch without jobs; `callback` runs once all of them have ended, those that failed included.
    pub fn new(callback: C) -> Self {
        Self::of(Flow::new(callback))
    }

    /// As [`new`](Self::new), with options for the callback.
    pub fn of(callback: Flow<C>) -> Self {
        Self {
            callback,
            on_failure: OnChildFailure::Ignore,
        }
    }

    /// What the failure of a job that is added from here on does to the callback. Default: nothing.
    pub fn on_failure(mut self, on_failure: OnChildFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// One more job.
    pub fn job<J: Job>(self, job: J) -> Self {
        self.flow(Flow::new(job))
    }

    /// More jobs.
    pub fn jobs<J: Job>(self, jobs: impl IntoIterator<Item = J>) -> Self {
        jobs.into_iter().fold(self, Self::job)
    }

    /// One more job, with options, or a whole flow.
    pub fn flow(mut self, flow: impl Into<Branch>) -> Self {
        self.callback = self.callback.child_with(self.on_failure, flow);
        self
    }

    /// Adds the callback and all jobs, all or none.
    ///
    /// # Errors
    ///
    /// As [`Queues::add_flow`].
    pub async fn add_to(self, queues: &Queues) -> Result<AddedFlow<C>, QueueError> {
        queues.add_flow(self.callback).await
    }
}

//! What a processor does with the children of its job.

use serde::de::DeserializeOwned;

use super::JobContext;
use crate::{
    QueueError,
    flow::Branch,
    job::Parent,
    store::{Added, Child, ChildOutcome, OnChildFailure},
};

impl JobContext {
    /// The children of the job, and what became of them.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn children(&self) -> Result<Vec<Child>, QueueError> {
        let store = self.queues().store();
        store.children(self.queue(), self.id()).await
    }

    /// What the children that were completed returned, by queue and id. Those that failed or have not
    /// ended are left out: see [`children`](Self::children).
    ///
    /// # Errors
    ///
    /// [`QueueError::Payload`] if one of them is of another type; those of the store.
    pub async fn children_values<T: DeserializeOwned>(&self) -> Result<Vec<T>, QueueError> {
        let mut values = Vec::new();
        for child in self.children().await? {
            if let ChildOutcome::Completed(value) = child.outcome {
                let decoded = value.decode();
                values.push(decoded.map_err(|error| QueueError::Payload {
                    name: format!("{}:{}", child.queue, child.id),
                    reason: error.to_string(),
                })?);
            }
        }
        Ok(values)
    }

    /// Adds a child, or a flow of them, to the job while it runs. Return
    /// [`JobError::AwaitChildren`](crate::JobError::AwaitChildren) afterwards to wait for it. An attempt
    /// that is run again adds it again, unless it has an id of its own or is added in a
    /// [step](Self::step).
    ///
    /// # Errors
    ///
    /// As [`Queues::add_flow`](crate::Queues::add_flow).
    ///
    /// # Examples
    ///
    /// ```
    /// # use purlin_queue::{Flow, Job, JobContext, JobError};
    /// # async fn example<P: Job>(context: JobContext, pages: Vec<P>) -> Result<(), JobError> {
    /// if context.children().await?.is_empty() {
    ///     for page in pages {
    ///         context.add_child(Flow::new(page)).await?;
    ///     }
    ///     return Err(JobError::AwaitChildren);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn add_child(&self, child: impl Into<Branch>) -> Result<Added, QueueError> {
        self.add_child_with(OnChildFailure::Fail, child).await
    }

    /// As [`add_child`](Self::add_child), and says what the failure of that job does to this one.
    ///
    /// # Errors
    ///
    /// As [`add_child`](Self::add_child).
    pub async fn add_child_with(
        &self,
        on_failure: OnChildFailure,
        child: impl Into<Branch>,
    ) -> Result<Added, QueueError> {
        let parent = Parent {
            queue: self.queue().to_owned(),
            id: self.id().to_owned(),
            on_failure,
        };
        let jobs = self.queues().flow_jobs(child.into(), &[parent]);
        let (jobs, _) = jobs?;
        let mut added = self.queues().add_prepared(jobs).await?;
        Ok(added.swap_remove(0))
    }
}

//! What can be seen of a queue.

use super::Queue;
use crate::{
    JobRecord, QueueError, State, outbox,
    store::{Child, Counts, JobsQuery, LogPage, MinuteCount, Worker},
};

impl Queue {
    /// How many jobs are in each state.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn counts(&self) -> Result<Counts, QueueError> {
        self.store().counts(self.name()).await
    }

    /// A job, if it is there; one that waits in the [outbox](mod@crate::outbox) is.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn job(&self, id: &str) -> Result<Option<JobRecord>, QueueError> {
        let (store, outbox) = (self.store(), &self.queues().config().outbox);
        let found = store.job(self.name(), id).await?;
        let (None, Some(outbox)) = (&found, outbox) else {
            return Ok(found);
        };
        match outbox::find(outbox, self.name(), id).await? {
            Some(waiting) => Ok(Some(waiting)),
            // It may have been sent in between.
            None => store.job(self.name(), id).await,
        }
    }

    /// Jobs in these states, in the order they would be claimed, or newest first once finished;
    /// `offset` of them are left out, and at most `max`, up to 1000, answered.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn jobs(
        &self,
        states: &[State],
        offset: u64,
        max: u32,
    ) -> Result<Vec<JobRecord>, QueueError> {
        let query = JobsQuery {
            queue: self.name().to_owned(),
            states: states.to_vec(),
            tag: None,
            name: None,
            offset,
            max,
        };
        self.store().jobs(query).await
    }

    /// Jobs with a tag, in any state; at most `max`, up to 1000.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn tagged(&self, tag: &str, max: u32) -> Result<Vec<JobRecord>, QueueError> {
        let query = JobsQuery {
            queue: self.name().to_owned(),
            states: State::ALL.to_vec(),
            tag: Some(tag.to_owned()),
            name: None,
            offset: 0,
            max,
        };
        self.store().jobs(query).await
    }

    /// At most `max` lines of a job's log after the first `from`, oldest first.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn logs(&self, id: &str, from: u64, max: u32) -> Result<LogPage, QueueError> {
        self.store().logs(self.name(), id, from, max).await
    }

    /// The children of a job, and what became of them.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn children(&self, id: &str) -> Result<Vec<Child>, QueueError> {
        self.store().children(self.name(), id).await
    }

    /// The workers of this queue that are there, in all processes.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn workers(&self) -> Result<Vec<Worker>, QueueError> {
        self.store().workers(self.name()).await
    }

    /// Jobs completed and failed in each of the last `minutes` minutes, oldest first.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn rates(&self, minutes: u32) -> Result<Vec<MinuteCount>, QueueError> {
        self.store().rates(self.name(), minutes).await
    }
}

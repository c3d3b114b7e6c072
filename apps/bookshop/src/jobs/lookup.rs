//! Finds a job by its id.

use std::sync::Arc;

use purlin::{
    prelude::*,
    queue::{JobRecord, Queues},
};

use super::{JobLookupError, QUEUES};

/// Finds a job by its id, whatever its queue.
#[injectable]
pub struct JobLookup {
    queues: Arc<Queues>,
}

impl JobLookup {
    /// The job `id`.
    ///
    /// # Errors
    ///
    /// [`JobLookupError::NotFound`] if there is none, or none any more; the store.
    pub async fn find(&self, id: &str) -> Result<JobRecord, JobLookupError> {
        for queue in QUEUES {
            if let Some(job) = self.queues.queue(queue)?.job(id).await? {
                return Ok(job);
            }
        }
        Err(JobLookupError::NotFound)
    }
}

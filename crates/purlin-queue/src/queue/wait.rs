//! Waits for the end of a job.

use std::{pin::pin, time::Duration};

use super::Queue;
use crate::{
    Job, JobRecord, Payload, QueueError, State,
    job::{Failure, FailureCause},
};

/// How soon a job that is waited for is looked at again: at first, and at most.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(250));

impl Queue {
    /// Waits up to `timeout` until a job has ended, and answers what it returned.
    ///
    /// The job is looked at again and again: at once when a worker in this process has ended jobs of
    /// the queue, else every 250 ms. A job that is not [kept](crate::JobOptions::keep_completed) when
    /// it ends cannot be waited for.
    ///
    /// # Errors
    ///
    /// [`QueueError::JobFailed`] if it failed for good, [`QueueError::TimedOut`],
    /// [`QueueError::NotFound`] if it is not there or not any more, [`QueueError::Payload`] if what it
    /// returned is not of the type; those of the store.
    ///
    /// # Cancel safety
    ///
    /// Dropping it changes nothing.
    pub async fn wait_until_finished<J: Job>(
        &self,
        id: &str,
        timeout: Duration,
    ) -> Result<J::Output, QueueError> {
        let result = self.wait_for_result(id, timeout).await?;
        let decoded = result.decode();
        decoded.map_err(|error| super::prepare::payload_error(J::NAME, &error))
    }

    /// As [`wait_until_finished`](Self::wait_until_finished), for a job of any type.
    ///
    /// # Errors
    ///
    /// As [`wait_until_finished`](Self::wait_until_finished).
    pub async fn wait_for_result(
        &self,
        id: &str,
        timeout: Duration,
    ) -> Result<Payload, QueueError> {
        let clock = &self.queues().config().clock;
        let mut over = clock.sleep(timeout);
        let mut wait = LOOK_AGAIN.0;
        loop {
            let mut ended = pin!(self.local().ended());
            // Enlisted before the look, so that an end in between is not missed.
            ended.as_mut().enable();
            if let Some(outcome) = self.outcome(id).await? {
                return outcome;
            }
            tokio::select! {
                () = ended => {}
                () = clock.sleep(wait) => wait = (wait * 2).min(LOOK_AGAIN.1),
                () = &mut over => return Err(QueueError::TimedOut { waited: timeout }),
            }
        }
    }

    /// What came of a job, if it has ended.
    async fn outcome(&self, id: &str) -> Result<Option<Result<Payload, QueueError>>, QueueError> {
        let Some(job) = self.job(id).await? else {
            return Err(QueueError::NotFound {
                queue: self.name().to_owned(),
                id: id.to_owned(),
            });
        };
        Ok(match job.state {
            State::Completed => Some(Ok(job.result.unwrap_or_else(Payload::null))),
            State::Failed => Some(Err(failed(job))),
            _ => None,
        })
    }
}

fn failed(job: JobRecord) -> QueueError {
    let failure = job.failure.unwrap_or(Failure {
        cause: FailureCause::Error,
        reason: String::new(),
    });
    QueueError::JobFailed {
        id: job.id,
        failure,
    }
}

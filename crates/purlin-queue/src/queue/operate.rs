//! What operators do to a queue.

use std::time::Duration;

use super::{Queue, prepare::check_size};
use crate::{
    Payload, QueueError, State, crypt,
    store::{Change, Control, Limits, Retention},
};

/// Jobs that one command touches at most; it is sent again while it touches as many.
const STEP: u32 = 1000;

impl Queue {
    /// Takes no more jobs, in any process; those that run go on.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn pause(&self) -> Result<(), QueueError> {
        self.control(Control::Pause).await.map(drop)
    }

    /// Takes jobs again.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn resume(&self) -> Result<(), QueueError> {
        self.control(Control::Resume).await.map(drop)
    }

    /// Removes what is ready, and if asked what is delayed; how many. Ticks of schedules stay.
    ///
    /// # Errors
    ///
    /// Those of the store; some jobs may be gone then.
    pub async fn drain(&self, delayed: bool) -> Result<u64, QueueError> {
        self.in_steps(|max| Control::Drain { delayed, max }).await
    }

    /// Removes up to `max` jobs in `state` that ended, or else were added, longer ago than `grace`;
    /// how many.
    ///
    /// # Errors
    ///
    /// [`QueueError::Option`] for the state `active`; those of the store.
    pub async fn clean(&self, state: State, grace: Duration, max: u32) -> Result<u64, QueueError> {
        if state == State::Active {
            return Err(QueueError::Option {
                option: "state",
                rule: "jobs that run cannot be cleaned away; cancel them",
            });
        }
        self.control(Control::Clean { state, grace, max }).await
    }

    /// Runs every job that is `completed` or `failed` again, from its first attempt; how many.
    ///
    /// # Errors
    ///
    /// [`QueueError::Option`] for another state; those of the store.
    pub async fn retry_all(&self, state: State) -> Result<u64, QueueError> {
        if !state.is_finished() {
            return Err(QueueError::Option {
                option: "state",
                rule: "`completed` or `failed`",
            });
        }
        self.in_steps(|max| Control::RetryAll { state, max }).await
    }

    /// Makes every delayed job ready; how many.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn promote_all(&self) -> Result<u64, QueueError> {
        self.in_steps(|max| Control::PromoteAll { max }).await
    }

    /// Removes everything of the queue, its settings and schedules included; how many jobs. With
    /// `force` even though jobs run: their workers lose their leases.
    ///
    /// # Errors
    ///
    /// [`QueueError::State`] if jobs run and it is not forced; those of the store.
    pub async fn obliterate(&self, force: bool) -> Result<u64, QueueError> {
        self.in_steps(|max| Control::Obliterate { force, max })
            .await
    }

    /// Sets what the queue may do at once and in a time, over all its workers.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn set_limits(&self, limits: Limits) -> Result<(), QueueError> {
        self.control(Control::Limit(limits)).await.map(drop)
    }

    /// Sets how finished jobs of the queue are kept.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn set_retention(&self, retention: Retention) -> Result<(), QueueError> {
        self.control(Control::Retain(retention)).await.map(drop)
    }

    /// Ends a job, or asks its worker to: at once if that is in this process, else with its next
    /// renewal, so within a third of its lease.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`] if it has ended.
    pub async fn cancel(&self, id: &str) -> Result<(), QueueError> {
        self.change(id, Change::Cancel).await?;
        self.local().cancel(id);
        Ok(())
    }

    /// Makes a delayed job ready.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`] if it is not delayed.
    pub async fn promote(&self, id: &str) -> Result<(), QueueError> {
        self.change(id, Change::Promote).await
    }

    /// Runs a finished job again, from its first attempt.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`] if it has not ended.
    pub async fn retry(&self, id: &str) -> Result<(), QueueError> {
        self.change(id, Change::Redrive).await
    }

    /// Removes a job, and its children that have not been started.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`] if it runs.
    pub async fn remove(&self, id: &str) -> Result<(), QueueError> {
        self.change(id, Change::Remove).await
    }

    /// Moves a job to the dead letters.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`] if it runs or has ended.
    pub async fn bury(&self, id: &str, reason: impl Into<String>) -> Result<(), QueueError> {
        let reason = reason.into();
        self.change(id, Change::Bury { reason }).await
    }

    /// Gives a job that does not run another priority.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`], [`QueueError::Option`].
    pub async fn change_priority(&self, id: &str, priority: u32) -> Result<(), QueueError> {
        if priority > crate::job::PRIORITY_MAX {
            return Err(QueueError::Option {
                option: "priority",
                rule: "0 to 2097151",
            });
        }
        self.change(id, Change::Priority(priority)).await
    }

    /// Lets a delayed job wait this long from now.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`].
    pub async fn change_delay(&self, id: &str, wait: Duration) -> Result<(), QueueError> {
        self.change(id, Change::Delay(wait)).await
    }

    /// Gives a job that does not run another payload, of the same type.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotFound`], [`QueueError::State`], [`QueueError::TooLarge`],
    /// [`QueueError::Payload`].
    pub async fn change_data<J: crate::Job>(&self, id: &str, job: &J) -> Result<(), QueueError> {
        let data = super::prepare::write_payload(J::NAME, job)?;
        let config = self.queues().config();
        check_size(&data, config)?;
        let data = crypt::seal(config.cipher.as_ref(), self.name(), J::NAME, data);
        let data: Payload = data.map_err(|reason| QueueError::Payload {
            name: J::NAME.to_owned(),
            reason,
        })?;
        self.change(id, Change::Data(data)).await
    }

    async fn change(&self, id: &str, change: Change) -> Result<(), QueueError> {
        self.store().change(self.name(), id, change).await
    }

    async fn control(&self, control: Control) -> Result<u64, QueueError> {
        self.store().control(self.name(), control).await
    }

    /// Sends a command again while it touches as many jobs as it may.
    async fn in_steps(&self, command: impl Fn(u32) -> Control) -> Result<u64, QueueError> {
        let mut touched = 0;
        loop {
            let step = self.control(command(STEP)).await?;
            touched += step;
            if step < u64::from(STEP) {
                return Ok(touched);
            }
        }
    }
}

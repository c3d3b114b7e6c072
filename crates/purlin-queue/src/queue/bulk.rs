//! Several jobs at once.

use purlin_sql::Tx;

use super::{Add, AddedJob, Queue, Queues};
use crate::{
    Job, QueueError,
    store::{Added, Capability, NewJob},
};

impl Queue {
    /// Adds jobs of one type, all or none, in their order.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotOffered`] by an engine that cannot add several all or none; else as adding
    /// one. [`QueueError::Option`] for more than
    /// [`QueueConfig::bulk_max`](super::QueueConfig::bulk_max).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use purlin_queue::{Job, Queue, QueueError};
    /// # async fn example<J: Job>(queue: Queue, jobs: Vec<J>) -> Result<(), QueueError> {
    /// let adds = jobs.into_iter().map(|job| queue.add(job).attempts(3));
    /// let added = queue.add_bulk(adds).await?;
    /// # Ok(()) }
    /// ```
    pub async fn add_bulk<J: Job>(
        &self,
        adds: impl IntoIterator<Item = Add<J>>,
    ) -> Result<Vec<AddedJob<J>>, QueueError> {
        let jobs = prepare_all(adds)?;
        let homes: Vec<Queue> = self.homes(&jobs);
        let added = self.queues().add_all(jobs).await?;
        Ok(pair(homes, added))
    }

    /// As [`add_bulk`](Self::add_bulk), as a part of `tx`.
    ///
    /// # Errors
    ///
    /// As [`Add::within`].
    pub async fn add_bulk_within<J: Job>(
        &self,
        tx: &mut Tx,
        adds: impl IntoIterator<Item = Add<J>>,
    ) -> Result<Vec<AddedJob<J>>, QueueError> {
        let jobs = prepare_all(adds)?;
        let homes: Vec<Queue> = self.homes(&jobs);
        let added = self.queues().add_all_within(tx, jobs).await?;
        Ok(pair(homes, added))
    }

    fn homes(&self, jobs: &[NewJob]) -> Vec<Queue> {
        let home = |job: &NewJob| match job.queue == self.name() {
            true => self.clone(),
            false => self.queues().checked(&job.queue),
        };
        jobs.iter().map(home).collect()
    }
}

impl Queues {
    /// Adds jobs of any types and queues, all or none, in their order; [`Add::prepare`] makes them.
    ///
    /// # Errors
    ///
    /// As [`Queue::add_bulk`].
    pub async fn add_all(&self, jobs: Vec<NewJob>) -> Result<Vec<Added>, QueueError> {
        if jobs.len() > 1 {
            self.must_offer(
                Capability::AtomicBulk,
                "add them one by one, each with an id of its own",
            )?;
        }
        self.add_prepared(jobs).await
    }

    /// As [`add_all`](Self::add_all), as a part of `tx`.
    ///
    /// # Errors
    ///
    /// As [`Add::within`].
    pub async fn add_all_within(
        &self,
        tx: &mut Tx,
        jobs: Vec<NewJob>,
    ) -> Result<Vec<Added>, QueueError> {
        self.check_bulk(jobs.len())?;
        self.put_within(tx, jobs).await
    }

    /// Whether the store offers it.
    pub(crate) fn must_offer(
        &self,
        capability: Capability,
        instead: &'static str,
    ) -> Result<(), QueueError> {
        if self.store().capabilities().has(capability) {
            return Ok(());
        }
        Err(QueueError::NotOffered {
            engine: self.store().engine(),
            capability: capability.name(),
            reason: instead,
        })
    }
}

fn prepare_all<J: Job>(adds: impl IntoIterator<Item = Add<J>>) -> Result<Vec<NewJob>, QueueError> {
    adds.into_iter().map(Add::prepare).collect()
}

fn pair<J>(homes: Vec<Queue>, added: Vec<Added>) -> Vec<AddedJob<J>> {
    let pairs = homes.into_iter().zip(added);
    pairs
        .map(|(queue, added)| AddedJob::new(queue, added))
        .collect()
}

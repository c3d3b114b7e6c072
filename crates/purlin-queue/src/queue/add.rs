//! One job that is about to be added.

use std::{
    future::{Future, IntoFuture},
    sync::Arc,
};

use purlin_base::BoxFuture;
use purlin_sql::Tx;

use super::{AddedJob, Draft, Queues, job_option_setters, prepare::write_payload};
use crate::{
    Job, JobOptions, QueueError, outbox,
    store::{Added, Capability, NewJob},
};

/// A job that is about to be added: set options, then `.await` it. Its options begin as those of its
/// [type](Job::options).
#[must_use = "nothing is added until it is awaited, or put within a transaction"]
#[derive(Debug)]
pub struct Add<J> {
    queues: Queues,
    queue: Arc<str>,
    job: J,
    options: JobOptions,
}

impl<J: Job> Add<J> {
    pub(super) fn new(queues: Queues, queue: Arc<str>, job: J) -> Self {
        Self {
            queues,
            queue,
            job,
            options: J::options(),
        }
    }

    job_option_setters!();

    fn options_mut(&mut self) -> &mut JobOptions {
        &mut self.options
    }

    /// Adds it as a part of `tx`: it is there if and only if that commits.
    ///
    /// # Errors
    ///
    /// [`QueueError::NotOffered`] by a store whose jobs are not in a database of ours, where no
    /// [outbox](crate::QueueConfig::outbox) is set; else as awaiting it.
    pub fn within<'a>(
        self,
        tx: &'a mut Tx,
    ) -> impl Future<Output = Result<AddedJob<J>, QueueError>> + Send + use<'a, J> {
        let (queues, queue) = (self.queues.clone(), Arc::clone(&self.queue));
        let prepared = self.prepare();
        async move {
            let jobs = vec![prepared?];
            let mut added = queues.put_within(tx, jobs).await?;
            Ok(AddedJob::new(queues.checked(&queue), added.remove(0)))
        }
    }

    /// The job as the store is given it, with its id: for a bulk of several types.
    ///
    /// # Errors
    ///
    /// [`QueueError::Name`], [`QueueError::Option`], [`QueueError::Payload`],
    /// [`QueueError::TooLarge`].
    pub fn prepare(self) -> Result<NewJob, QueueError> {
        let data = write_payload(J::NAME, &self.job)?;
        let draft = Draft {
            queue: (*self.queue).to_owned(),
            name: J::NAME.to_owned(),
            version: J::VERSION,
            data,
            options: self.options,
        };
        draft.prepare(&self.queues)
    }
}

impl<J: Job> IntoFuture for Add<J> {
    type Output = Result<AddedJob<J>, QueueError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    /// Adds it.
    ///
    /// # Errors
    ///
    /// [`QueueError::Name`], [`QueueError::Option`], [`QueueError::Payload`],
    /// [`QueueError::TooLarge`], and those of the store.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the job may be there or not, as a whole. With an
    /// [id](Add::id) of your own, adding it again is safe.
    fn into_future(self) -> Self::IntoFuture {
        let (queues, queue) = (self.queues.clone(), Arc::clone(&self.queue));
        let prepared = self.prepare();
        Box::pin(async move {
            let mut added = queues.add_prepared(vec![prepared?]).await?;
            Ok(AddedJob::new(queues.checked(&queue), added.remove(0)))
        })
    }
}

impl Queues {
    /// Adds jobs as a part of `tx`: to the store, or by the outbox.
    pub(crate) async fn put_within(
        &self,
        tx: &mut Tx,
        jobs: Vec<NewJob>,
    ) -> Result<Vec<Added>, QueueError> {
        match (self.store().transactional(), &self.config().outbox) {
            (Some(store), _) => store.add_within(tx, jobs).await,
            (None, Some(outbox)) => outbox::put(outbox, tx, jobs).await,
            (None, None) => Err(QueueError::NotOffered {
                engine: self.store().engine(),
                capability: Capability::AddWithin.name(),
                reason: "its jobs are not in the database of the transaction, and no outbox is set",
            }),
        }
    }
}

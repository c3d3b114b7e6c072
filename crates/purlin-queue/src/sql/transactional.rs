//! The way into the caller's transaction.

use std::{collections::BTreeSet, sync::Arc};

use purlin_base::BoxFuture;
use purlin_sql::Tx;

use super::{add, commit::Commit, finish, store::SqlStore};
use crate::{
    QueueError,
    store::{Added, Finish, Finished, NewJob, Transactional},
};

impl Transactional for SqlStore {
    fn add_within<'a>(
        &'a self,
        tx: &'a mut Tx,
        jobs: Vec<NewJob>,
    ) -> BoxFuture<'a, Result<Vec<Added>, QueueError>> {
        Box::pin(async move {
            let queues = jobs.iter().map(|job| job.queue.as_str()).collect();
            let mut commit = Commit::begin(Arc::clone(&self.0), tx, &queues).await?;
            let added = add::add(&mut commit, &jobs).await?;
            commit.seal().await?;
            Ok(added)
        })
    }

    fn finish_within<'a>(
        &'a self,
        tx: &'a mut Tx,
        finish: Finish,
    ) -> BoxFuture<'a, Result<Finished, QueueError>> {
        Box::pin(async move {
            let id = finish.lease.id.clone();
            let queues = BTreeSet::from([finish.lease.queue.clone()]);
            let queues = queues.iter().map(String::as_str).collect();
            let mut commit = Commit::begin(Arc::clone(&self.0), tx, &queues).await?;
            let finished = finish::finish_all(&mut commit, &[&finish]).await?;
            commit.seal().await?;
            match finished.into_iter().next() {
                Some(done @ Finished::Done(_)) => Ok(done),
                _ => Err(QueueError::LeaseLost { id }),
            }
        })
    }
}

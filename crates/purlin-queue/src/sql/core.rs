//! What every part of the engine shares.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use purlin_base::{BoxFuture, time::SharedClock};
use purlin_sql::{Db, SqlError, Tx};

use super::{
    batch::Batcher,
    commit::Commit,
    time::{ShortestLease, StoreTime},
};
use crate::QueueError;

/// Runs of one commit at most, when other transactions get in its way.
const TRIES_MAX: u32 = 5;

/// The database and what this handle on it remembers.
pub(super) struct Core {
    pub(super) db: Db,
    pub(super) time: StoreTime,
    pub(super) leases: ShortestLease,
    pub(super) batcher: Batcher,
    /// The last position given to a ready job.
    position: AtomicI64,
}

impl Core {
    pub(super) fn new(db: Db, clock: SharedClock) -> Self {
        Self {
            batcher: Batcher::new(&db),
            time: StoreTime::new(clock),
            leases: ShortestLease::default(),
            position: AtomicI64::new(0),
            db,
        }
    }

    /// SQLite, and not Postgres.
    pub(super) fn is_sqlite(&self) -> bool {
        self.db.engine() == "sqlite"
    }

    /// The store's time, in microseconds since 1970.
    pub(super) async fn now(&self) -> Result<i64, QueueError> {
        if self.is_sqlite() {
            return Ok(self.time.of_clock());
        }
        let (now,) = self
            .db
            .read()
            .query(StoreTime::OF_SERVER)
            .fetch_one::<(i64,)>()
            .await?;
        Ok(self.time.shifted(now))
    }

    /// A place behind everything that this handle has placed, or before it.
    pub(super) fn position(&self, now: i64, lifo: bool) -> i64 {
        let next = |last: i64| last.saturating_add(1).max(now);
        let last = self
            .position
            .fetch_update(Relaxed, Relaxed, |last| Some(next(last)))
            .unwrap_or_else(|last| last);
        if lifo { -next(last) } else { next(last) }
    }

    /// Runs `work` in a commit of its own, which on SQLite it shares with others. It is run again,
    /// a few times, if another transaction gets in its way, so it may be run more than once.
    pub(super) async fn commit<T, W>(self: &Arc<Self>, work: W) -> Result<T, QueueError>
    where
        T: Send + 'static,
        W: for<'a, 't> Fn(&'a mut Commit<'t>) -> BoxFuture<'a, Result<T, QueueError>>
            + Send
            + Sync
            + 'static,
    {
        self.committed(work, false).await
    }

    /// As [`commit`](Self::commit), before everything else that waits for the database.
    pub(super) async fn commit_urgently<T, W>(self: &Arc<Self>, work: W) -> Result<T, QueueError>
    where
        T: Send + 'static,
        W: for<'a, 't> Fn(&'a mut Commit<'t>) -> BoxFuture<'a, Result<T, QueueError>>
            + Send
            + Sync
            + 'static,
    {
        self.committed(work, true).await
    }

    async fn committed<T, W>(self: &Arc<Self>, work: W, urgent: bool) -> Result<T, QueueError>
    where
        T: Send + 'static,
        W: for<'a, 't> Fn(&'a mut Commit<'t>) -> BoxFuture<'a, Result<T, QueueError>>
            + Send
            + Sync
            + 'static,
    {
        let (core, work) = (Arc::clone(self), Arc::new(work));
        self.transact(
            move |tx| {
                let (core, work) = (Arc::clone(&core), Arc::clone(&work));
                Box::pin(async move {
                    let mut commit = Commit::begin(core, tx, &BTreeSet::new()).await?;
                    let done = work(&mut commit).await?;
                    commit.seal().await?;
                    Ok(done)
                })
            },
            urgent,
        )
        .await
    }

    /// Runs `work` in a transaction, again if another one gets in its way.
    pub(super) async fn transact<T, W>(&self, work: W, urgent: bool) -> Result<T, QueueError>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, QueueError>> + Send + Sync + 'static,
    {
        let work = Arc::new(work);
        let mut tries = 1;
        loop {
            let work = Arc::clone(&work);
            let batch = self.db.batch(move |tx| work(tx));
            let batch = if urgent { batch.urgent() } else { batch };
            match batch.await {
                Err(QueueError::Sql(SqlError::Serialization(_))) if tries < TRIES_MAX => tries += 1,
                outcome => return outcome,
            }
        }
    }
}

//! One commit: the transaction, its moment, and what it brings about.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use purlin_sql::Tx;

use super::{
    core::Core,
    dedup,
    events::{self, Notes},
    flow, wake,
};
use crate::{Payload, QueueError, job::Failure, store::EventKind};

/// One commit of the queue, of its own or a part of the caller's transaction.
pub(super) struct Commit<'t> {
    pub(super) core: Arc<Core>,
    pub(super) tx: &'t mut Tx,
    /// The store's time at its beginning, in microseconds since 1970.
    pub(super) now: i64,
    pub(super) notes: Notes,
    queues: BTreeMap<String, Arc<QueueRow>>,
}

/// What this commit knows of a queue.
#[derive(Debug, Default)]
pub(super) struct QueueRow {
    /// It has a row.
    pub(super) exists: bool,
    pub(super) paused: bool,
    /// Some of its jobs have a tenant or a limit key.
    pub(super) lanes: bool,
    /// Its [`Limits`](crate::store::Limits) as JSON; `{}`: none.
    pub(super) limits: String,
}

/// A job that has ended, or that is gone.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) queue: String,
    pub(super) id: String,
    pub(super) dedup_key: Option<String>,
    pub(super) has_parents: bool,
    pub(super) outcome: Outcome,
}

/// How it ended.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// With a result.
    Completed(Payload),
    /// Without.
    Failed(Failure),
    /// It was removed before it ended.
    Removed,
}

impl<'t> Commit<'t> {
    /// A commit that touches `queues`, and maybe others.
    pub(super) async fn begin(
        core: Arc<Core>,
        tx: &'t mut Tx,
        queues: &BTreeSet<&str>,
    ) -> Result<Self, QueueError> {
        let mut commit = Self {
            now: core.time.of_clock(),
            core,
            tx,
            notes: Notes::default(),
            queues: BTreeMap::new(),
        };
        if !commit.core.is_sqlite() {
            commit.ask_server(queues).await?;
        }
        Ok(commit)
    }

    /// The server's time and the rows of `queues`, in one round trip.
    async fn ask_server(&mut self, queues: &BTreeSet<&str>) -> Result<(), QueueError> {
        let rows = self
            .tx
            .query(
                "select (extract(epoch from clock_timestamp()) * 1000000)::bigint, wanted.name, row.paused,
                        row.lanes, row.limits
                 from (select 1) as one left join jsonb_array_elements_text($1::jsonb) as wanted (name) on true
                 left join purlin_queues as row on row.name = wanted.name",
            )
            .bind(purlin_sql::Json(queues))
            .fetch_all::<(i64, Option<String>, Option<i64>, Option<i64>, Option<String>)>()
            .await?;
        for (now, name, paused, lanes, limits) in rows {
            self.now = self.core.time.shifted(now);
            if let Some(name) = name {
                let row = paused.zip(lanes).zip(limits);
                self.queues.insert(name, Arc::new(QueueRow::of(row)));
            }
        }
        Ok(())
    }

    /// What is known of `queue`.
    pub(super) async fn queue(&mut self, queue: &str) -> Result<Arc<QueueRow>, QueueError> {
        if let Some(known) = self.queues.get(queue) {
            return Ok(Arc::clone(known));
        }
        let row = self
            .tx
            .query("select paused, lanes, limits from purlin_queues where name = $1")
            .bind(queue)
            .fetch_optional::<(i64, i64, String)>()
            .await?;
        let row = row.map(|(paused, lanes, limits)| ((paused, lanes), limits));
        let row = Arc::new(QueueRow::of(row));
        self.queues.insert(queue.to_owned(), Arc::clone(&row));
        Ok(row)
    }

    /// The queue's row was changed.
    pub(super) fn forget_queue(&mut self, queue: &str) {
        self.queues.remove(queue);
    }

    /// A fresh place among the ready jobs, last or, for lifo, first.
    pub(super) fn position(&self, lifo: bool) -> i64 {
        self.core.position(self.now, lifo)
    }

    /// Notes an event.
    pub(super) fn note(&mut self, queue: &str, job: &str, kind: &EventKind) {
        self.notes.note(queue, job, kind);
    }

    /// Wakes whoever waits for `queue` once this is committed.
    pub(super) fn wake(&mut self, queue: &str) {
        self.tx.notify(wake::channel(queue));
    }

    /// Does what the end of a job brings with it: frees its deduplication key, tells its parents.
    /// Costs nothing for a job without either.
    pub(super) async fn ended(&mut self, ended: &Ended) -> Result<(), QueueError> {
        if ended.dedup_key.is_some() {
            dedup::after_end(self, ended).await?;
        }
        if ended.has_parents {
            flow::after_end(self, ended).await?;
        }
        Ok(())
    }

    /// Writes down the events and counts: the last thing to do.
    pub(super) async fn seal(mut self) -> Result<(), QueueError> {
        events::flush(&mut self).await
    }
}

impl QueueRow {
    fn of(row: Option<((i64, i64), String)>) -> Self {
        let Some(((paused, lanes), limits)) = row else {
            return Self {
                limits: "{}".to_owned(),
                ..Self::default()
            };
        };
        Self {
            exists: true,
            paused: paused != 0,
            lanes: lanes != 0,
            limits,
        }
    }
}

//! The contract, handed on to the functions that do it.

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{BoxFuture, Timestamp, time::SharedClock};
use purlin_sql::Db;

use super::{annotate, core::Core, events, lease, look, operate, schedule, upkeep, wake, workers};
use crate::{
    JobRecord, Payload, QueueError,
    store::{
        Added, Annotation, Capabilities, Change, Child, Control, Counts, Event, JobsQuery, Lease,
        LogPage, MinuteCount, NewJob, QueueSummary, Renewal, Schedule, ScheduleState, Store,
        Transactional, Turn, Turned, Upkeep, Worker,
    },
};

/// Jobs in a database of ours: SQLite or Postgres. Cheap to clone; clones are the same store.
///
/// The tables are [`MIGRATIONS`](super::MIGRATIONS). Calls of many callers share a commit, and
/// nobody is answered before it.
#[derive(Clone)]
pub struct SqlStore(pub(super) Arc<Core>);

impl SqlStore {
    /// The jobs of `db`.
    ///
    /// On SQLite the time is that of `clock`. On Postgres it is the server's; there `clock` only
    /// tells, as on SQLite, whether the time of day has jumped.
    pub fn new(db: Db, clock: SharedClock) -> Self {
        Self(Arc::new(Core::new(db, clock)))
    }

    /// Moves this store's time forwards, over that of its clock or server: for tests.
    pub fn advance(&self, by: Duration) {
        self.0.time.advance(by);
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqlStore").field(&self.0.db).finish()
    }
}

impl Store for SqlStore {
    fn engine(&self) -> &'static str {
        self.0.db.engine()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::all()
    }

    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, Result<Vec<Added>, QueueError>> {
        Box::pin(self.0.batcher.add(&self.0, jobs))
    }

    fn turn(&self, turn: Turn) -> BoxFuture<'_, Result<Turned, QueueError>> {
        Box::pin(self.0.batcher.turn(&self.0, turn))
    }

    fn renew(
        &self,
        leases: Vec<Lease>,
        lease: Duration,
    ) -> BoxFuture<'_, Result<Vec<Renewal>, QueueError>> {
        Box::pin(lease::renew(&self.0, leases, lease))
    }

    fn annotate(&self, lease: Lease, what: Annotation) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(annotate::annotate(&self.0, lease, what))
    }

    fn steps(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<(String, Payload)>, QueueError>> {
        Box::pin(annotate::steps(&self.0, lease))
    }

    fn upkeep(&self, queue: &str, max: u32) -> BoxFuture<'_, Result<Upkeep, QueueError>> {
        Box::pin(upkeep::upkeep(&self.0, queue.to_owned(), max))
    }

    fn woken(&self, queue: &str) -> Option<BoxFuture<'static, ()>> {
        Some(wake::woken(&self.0, queue))
    }

    fn upsert_schedule(&self, schedule: Schedule) -> BoxFuture<'_, Result<Timestamp, QueueError>> {
        Box::pin(schedule::upsert(&self.0, schedule))
    }

    fn remove_schedule(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<bool, QueueError>> {
        Box::pin(schedule::remove(&self.0, queue.to_owned(), id.to_owned()))
    }

    fn schedules(&self, queue: &str) -> BoxFuture<'_, Result<Vec<ScheduleState>, QueueError>> {
        Box::pin(schedule::list(&self.0, queue.to_owned()))
    }

    fn control(&self, queue: &str, control: Control) -> BoxFuture<'_, Result<u64, QueueError>> {
        Box::pin(operate::control(&self.0, queue.to_owned(), control))
    }

    fn change(
        &self,
        queue: &str,
        id: &str,
        change: Change,
    ) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(operate::change(
            &self.0,
            queue.to_owned(),
            id.to_owned(),
            change,
        ))
    }

    fn job(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Option<JobRecord>, QueueError>> {
        Box::pin(look::job(&self.0, queue.to_owned(), id.to_owned()))
    }

    fn jobs(&self, query: JobsQuery) -> BoxFuture<'_, Result<Vec<JobRecord>, QueueError>> {
        Box::pin(look::jobs(&self.0, query))
    }

    fn counts(&self, queue: &str) -> BoxFuture<'_, Result<Counts, QueueError>> {
        Box::pin(look::counts(&self.0, queue.to_owned()))
    }

    fn logs(
        &self,
        queue: &str,
        id: &str,
        from: u64,
        max: u32,
    ) -> BoxFuture<'_, Result<LogPage, QueueError>> {
        Box::pin(look::logs(
            &self.0,
            queue.to_owned(),
            id.to_owned(),
            from,
            max,
        ))
    }

    fn children(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Vec<Child>, QueueError>> {
        Box::pin(look::children(&self.0, queue.to_owned(), id.to_owned()))
    }

    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueSummary>, QueueError>> {
        Box::pin(look::queues(&self.0))
    }

    fn beat(&self, worker: Worker, until: Duration) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(workers::beat(&self.0, worker, until))
    }

    fn leave(&self, queue: &str, worker: &str) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(workers::leave(&self.0, queue.to_owned(), worker.to_owned()))
    }

    fn workers(&self, queue: &str) -> BoxFuture<'_, Result<Vec<Worker>, QueueError>> {
        Box::pin(workers::list(&self.0, queue.to_owned()))
    }

    fn events(
        &self,
        queue: &str,
        after: Option<String>,
        max: u32,
    ) -> BoxFuture<'_, Result<(Vec<Event>, String), QueueError>> {
        Box::pin(events::read(&self.0, queue.to_owned(), after, max))
    }

    fn rates(
        &self,
        queue: &str,
        minutes: u32,
    ) -> BoxFuture<'_, Result<Vec<MinuteCount>, QueueError>> {
        Box::pin(events::rates(&self.0, queue.to_owned(), minutes))
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, QueueError>> {
        Box::pin(async {
            let now = self.0.now().await?;
            Ok(Timestamp::from_unix_micros(now))
        })
    }

    fn transactional(&self) -> Option<&dyn Transactional> {
        Some(self)
    }
}

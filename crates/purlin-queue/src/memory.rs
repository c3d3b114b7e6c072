//! The engine without a database: the model behind a lock.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use purlin_base::{
    BoxFuture, Timestamp,
    time::{SharedClock, SystemClock},
};
use tokio::sync::watch;

use crate::{
    JobRecord, Payload, QueueError, Store,
    model::Model,
    store::{
        Added, Annotation, Capabilities, Capability, Change, Child, Control, Counts, Event,
        JobsQuery, Lease, LogPage, MinuteCount, NewJob, QueueSummary, Renewal, Schedule,
        ScheduleState, Turn, Turned, Upkeep, Worker,
    },
};

/// An engine that keeps jobs in memory: for tests, and for jobs that may be lost with the process.
///
/// It offers everything but the caller's transaction. Every call is answered under one lock, in
/// time that grows with the number of jobs: it is plain, not fast.
///
/// # Examples
///
/// ```
/// use purlin_queue::{MemoryStore, Store};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), purlin_queue::QueueError> {
/// let store = MemoryStore::default();
/// assert_eq!(store.counts("mails").await?.waiting, 0);
/// # Ok(()) }
/// ```
pub struct MemoryStore {
    clock: SharedClock,
    model: Mutex<Model>,
    hints: Mutex<HashMap<String, watch::Sender<()>>>,
}

impl Default for MemoryStore {
    /// A store with the machine's clock.
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl MemoryStore {
    /// An empty store that takes its time from `clock`.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            model: Mutex::default(),
            hints: Mutex::default(),
        }
    }

    /// Asks the model, at this moment, and wakes those who wait for what came of it.
    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Model, Timestamp) -> T,
    ) -> BoxFuture<'_, T> {
        let now = self.clock.now();
        let mut model = locked(&self.model);
        let answer = ask(&mut model, now);
        let woken = model.take_woken();
        drop(model);
        let hints = locked(&self.hints);
        for hint in woken.iter().filter_map(|queue| hints.get(queue)) {
            hint.send_replace(());
        }
        Box::pin(std::future::ready(answer))
    }
}

/// A model in which a call has panicked is still whole enough to be looked at.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for MemoryStore {
    fn engine(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        let within = [Capability::AddWithin, Capability::CompleteWithin];
        let offered = Capability::ALL.into_iter();
        Capabilities::of(offered.filter(|one| !within.contains(one)))
    }

    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, Result<Vec<Added>, QueueError>> {
        self.ask(|model, now| model.add(jobs, now))
    }

    fn turn(&self, turn: Turn) -> BoxFuture<'_, Result<Turned, QueueError>> {
        self.ask(|model, now| Ok(model.turn(turn, now)))
    }

    fn renew(
        &self,
        leases: Vec<Lease>,
        lease: Duration,
    ) -> BoxFuture<'_, Result<Vec<Renewal>, QueueError>> {
        self.ask(|model, now| Ok(model.renew(&leases, lease, now)))
    }

    fn annotate(&self, lease: Lease, what: Annotation) -> BoxFuture<'_, Result<(), QueueError>> {
        self.ask(|model, now| model.annotate(&lease, what, now))
    }

    fn steps(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<(String, Payload)>, QueueError>> {
        self.ask(|model, _| model.steps(&lease))
    }

    fn upkeep(&self, queue: &str, max: u32) -> BoxFuture<'_, Result<Upkeep, QueueError>> {
        self.ask(|model, now| Ok(model.upkeep(queue, max, now)))
    }

    fn woken(&self, queue: &str) -> Option<BoxFuture<'static, ()>> {
        let mut hints = locked(&self.hints);
        let hint = hints.entry(queue.to_owned()).or_default();
        let mut changes = hint.subscribe();
        Some(Box::pin(async move {
            if changes.changed().await.is_err() {
                // The store is gone, and nothing will ever come.
                std::future::pending::<()>().await;
            }
        }))
    }

    fn upsert_schedule(&self, schedule: Schedule) -> BoxFuture<'_, Result<Timestamp, QueueError>> {
        self.ask(|model, now| model.upsert_schedule(schedule, now))
    }

    fn remove_schedule(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<bool, QueueError>> {
        self.ask(|model, now| Ok(model.remove_schedule(queue, id, now)))
    }

    fn schedules(&self, queue: &str) -> BoxFuture<'_, Result<Vec<ScheduleState>, QueueError>> {
        self.ask(|model, _| Ok(model.schedules(queue)))
    }

    fn control(&self, queue: &str, control: Control) -> BoxFuture<'_, Result<u64, QueueError>> {
        self.ask(|model, now| model.control(queue, control, now))
    }

    fn change(
        &self,
        queue: &str,
        id: &str,
        change: Change,
    ) -> BoxFuture<'_, Result<(), QueueError>> {
        self.ask(|model, now| model.change(queue, id, change, now))
    }

    fn job(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Option<JobRecord>, QueueError>> {
        self.ask(|model, _| Ok(model.job(queue, id)))
    }

    fn jobs(&self, query: JobsQuery) -> BoxFuture<'_, Result<Vec<JobRecord>, QueueError>> {
        self.ask(|model, _| Ok(model.jobs(&query)))
    }

    fn counts(&self, queue: &str) -> BoxFuture<'_, Result<Counts, QueueError>> {
        self.ask(|model, _| Ok(model.counts(queue)))
    }

    fn logs(
        &self,
        queue: &str,
        id: &str,
        from: u64,
        max: u32,
    ) -> BoxFuture<'_, Result<LogPage, QueueError>> {
        self.ask(|model, _| Ok(model.logs(queue, id, from, max)))
    }

    fn children(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Vec<Child>, QueueError>> {
        self.ask(|model, _| Ok(model.children(queue, id)))
    }

    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueSummary>, QueueError>> {
        self.ask(|model, _| Ok(model.summaries()))
    }

    fn beat(&self, worker: Worker, until: Duration) -> BoxFuture<'_, Result<(), QueueError>> {
        self.ask(|model, now| {
            model.beat(worker, until, now);
            Ok(())
        })
    }

    fn leave(&self, queue: &str, worker: &str) -> BoxFuture<'_, Result<(), QueueError>> {
        self.ask(|model, _| {
            model.leave(queue, worker);
            Ok(())
        })
    }

    fn workers(&self, queue: &str) -> BoxFuture<'_, Result<Vec<Worker>, QueueError>> {
        self.ask(|model, now| Ok(model.workers(queue, now)))
    }

    fn events(
        &self,
        queue: &str,
        after: Option<String>,
        max: u32,
    ) -> BoxFuture<'_, Result<(Vec<Event>, String), QueueError>> {
        self.ask(|model, _| Ok(model.events(queue, after.as_deref(), max)))
    }

    fn rates(
        &self,
        queue: &str,
        minutes: u32,
    ) -> BoxFuture<'_, Result<Vec<MinuteCount>, QueueError>> {
        self.ask(|model, now| Ok(model.rates(queue, minutes, now)))
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, QueueError>> {
        self.ask(|_, now| Ok(now))
    }
}

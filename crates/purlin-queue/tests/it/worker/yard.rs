//! A queue in memory, time that stands still, and a store that can be made to fail.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use purlin_base::{BoxFuture, Timestamp, id::IdMaker, random::SeededRng, time::ManualClock};
use purlin_queue::{
    Job, JobContext, JobError, JobRecord, MemoryStore, Payload, Queue, QueueConfig, QueueError,
    Queues, State, Store, Worker,
    store::{
        self, Added, Annotation, Capabilities, Change, Child, Control, Counts, Event, JobsQuery,
        Lease, LogPage, MinuteCount, NewJob, QueueSummary, Renewal, Schedule, ScheduleState, Turn,
        Turned, Upkeep,
    },
    worker::WorkerBuilder,
};
use serde::{Deserialize, Serialize};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// The job of most tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sum {
    pub(crate) a: u32,
    pub(crate) b: u32,
}

impl Job for Sum {
    const NAME: &'static str = "sum";
    const QUEUE: &'static str = "sums";
    type Output = u32;
}

pub(crate) const fn sum(a: u32, b: u32) -> Sum {
    Sum { a, b }
}

pub(crate) async fn add_up(job: Sum, _: JobContext) -> Result<u32, JobError> {
    Ok(job.a + job.b)
}

/// A queue in memory whose time only the test moves.
pub(crate) struct Yard {
    pub(crate) clock: ManualClock,
    pub(crate) store: Arc<Tap>,
    pub(crate) queue: Queue,
}

impl Yard {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut QueueConfig)) -> Self {
        let clock = ManualClock::new("2026-11-24T12:00:00Z".parse().unwrap());
        let (shared, rng) = (Arc::new(clock.clone()), Arc::new(SeededRng::new(7)));
        let store = Arc::new(Tap::new(MemoryStore::new(shared.clone())));
        let mut config = QueueConfig {
            ids: IdMaker::new(shared.clone(), rng.clone()),
            clock: shared,
            rng,
            ..QueueConfig::default()
        };
        change(&mut config);
        let queue = Queues::with_config(store.clone(), config)
            .queue("sums")
            .unwrap();
        Self {
            clock,
            store,
            queue,
        }
    }

    /// A worker whose leases do not run out by themselves.
    pub(crate) fn worker(&self) -> WorkerBuilder {
        Worker::of(&self.queue).lease(HOUR).poll(5 * MS, 50 * MS)
    }

    /// Lets time pass, a millisecond by a millisecond, until it is so.
    pub(crate) async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        self.until_by(MS, what, is_so).await;
    }

    pub(crate) async fn until_by(&self, step: Duration, what: &str, is_so: impl AsyncFn() -> bool) {
        let began = Instant::now();
        while !is_so().await {
            assert!(
                began.elapsed() < 30 * SECOND,
                "it did not come to be: {what}"
            );
            self.clock.advance(step);
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
        }
    }

    pub(crate) async fn job(&self, id: &str) -> JobRecord {
        self.queue.job(id).await.unwrap().expect("the job is there")
    }

    /// Lets time pass until the job is in `state`.
    pub(crate) async fn reaches(&self, id: &str, state: State) -> JobRecord {
        let what = format!("{id} is {state}");
        self.until(&what, async || self.job(id).await.state == state)
            .await;
        self.job(id).await
    }
}

/// A store in memory that counts, and fails when told to.
pub(crate) struct Tap {
    inner: MemoryStore,
    /// No turn is taken.
    pub(crate) is_away: AtomicBool,
    /// No lease is renewed.
    pub(crate) is_deaf: AtomicBool,
    /// No finish with a result of this text is taken.
    pub(crate) chokes_on: Mutex<Option<String>>,
    pub(crate) turns: AtomicU64,
    pub(crate) renewals: AtomicU64,
    pub(crate) largest_claim: AtomicU64,
    on_renewal: Mutex<Option<std::sync::mpsc::Sender<()>>>,
}

impl Tap {
    fn new(inner: MemoryStore) -> Self {
        Self {
            inner,
            is_away: AtomicBool::new(false),
            is_deaf: AtomicBool::new(false),
            chokes_on: Mutex::default(),
            turns: AtomicU64::new(0),
            renewals: AtomicU64::new(0),
            largest_claim: AtomicU64::new(0),
            on_renewal: Mutex::default(),
        }
    }

    /// Is told of each renewal.
    pub(crate) fn hear_renewals(&self) -> std::sync::mpsc::Receiver<()> {
        let (tell, hear) = std::sync::mpsc::channel();
        *self.on_renewal.lock().unwrap() = Some(tell);
        hear
    }

    fn fault<T: Send + 'static>(&self) -> BoxFuture<'_, Result<T, QueueError>> {
        Box::pin(std::future::ready(Err(QueueError::Store {
            engine: "tap",
            source: "it is away".into(),
        })))
    }

    fn chokes(&self, turn: &Turn) -> bool {
        let bad = self.chokes_on.lock().unwrap();
        let Some(bad) = &*bad else { return false };
        turn.finish.iter().any(|finish| {
            matches!(&finish.ending, store::Ending::Complete(result) if result.as_str() == bad)
        })
    }
}

type Answer<'a, T> = BoxFuture<'a, Result<T, QueueError>>;

impl Store for Tap {
    fn engine(&self) -> &'static str {
        "tap"
    }
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    fn add(&self, jobs: Vec<NewJob>) -> Answer<'_, Vec<Added>> {
        self.inner.add(jobs)
    }
    fn turn(&self, turn: Turn) -> Answer<'_, Turned> {
        self.turns.fetch_add(1, SeqCst);
        if self.is_away.load(SeqCst) {
            return self.fault();
        }
        if self.chokes(&turn) {
            let error = QueueError::Option {
                option: "result",
                rule: "not this one",
            };
            return Box::pin(std::future::ready(Err(error)));
        }
        let asked = turn.claim.as_ref().map_or(0, |claim| claim.max);
        self.largest_claim.fetch_max(asked.into(), SeqCst);
        self.inner.turn(turn)
    }
    fn renew(&self, leases: Vec<Lease>, lease: Duration) -> Answer<'_, Vec<Renewal>> {
        if self.is_deaf.load(SeqCst) {
            return self.fault();
        }
        self.renewals.fetch_add(1, SeqCst);
        if let Some(tell) = &*self.on_renewal.lock().unwrap() {
            let _ = tell.send(());
        }
        self.inner.renew(leases, lease)
    }
    fn annotate(&self, lease: Lease, what: Annotation) -> Answer<'_, ()> {
        self.inner.annotate(lease, what)
    }
    fn steps(&self, lease: Lease) -> Answer<'_, Vec<(String, Payload)>> {
        self.inner.steps(lease)
    }
    fn upkeep(&self, queue: &str, max: u32) -> Answer<'_, Upkeep> {
        self.inner.upkeep(queue, max)
    }
    fn woken(&self, queue: &str) -> Option<BoxFuture<'static, ()>> {
        self.inner.woken(queue)
    }
    fn upsert_schedule(&self, schedule: Schedule) -> Answer<'_, Timestamp> {
        self.inner.upsert_schedule(schedule)
    }
    fn remove_schedule(&self, queue: &str, id: &str) -> Answer<'_, bool> {
        self.inner.remove_schedule(queue, id)
    }
    fn schedules(&self, queue: &str) -> Answer<'_, Vec<ScheduleState>> {
        self.inner.schedules(queue)
    }
    fn control(&self, queue: &str, control: Control) -> Answer<'_, u64> {
        self.inner.control(queue, control)
    }
    fn change(&self, queue: &str, id: &str, change: Change) -> Answer<'_, ()> {
        self.inner.change(queue, id, change)
    }
    fn job(&self, queue: &str, id: &str) -> Answer<'_, Option<JobRecord>> {
        self.inner.job(queue, id)
    }
    fn jobs(&self, query: JobsQuery) -> Answer<'_, Vec<JobRecord>> {
        self.inner.jobs(query)
    }
    fn counts(&self, queue: &str) -> Answer<'_, Counts> {
        self.inner.counts(queue)
    }
    fn logs(&self, queue: &str, id: &str, from: u64, max: u32) -> Answer<'_, LogPage> {
        self.inner.logs(queue, id, from, max)
    }
    fn children(&self, queue: &str, id: &str) -> Answer<'_, Vec<Child>> {
        self.inner.children(queue, id)
    }
    fn queues(&self) -> Answer<'_, Vec<QueueSummary>> {
        self.inner.queues()
    }
    fn beat(&self, worker: store::Worker, until: Duration) -> Answer<'_, ()> {
        self.inner.beat(worker, until)
    }
    fn leave(&self, queue: &str, worker: &str) -> Answer<'_, ()> {
        self.inner.leave(queue, worker)
    }
    fn workers(&self, queue: &str) -> Answer<'_, Vec<store::Worker>> {
        self.inner.workers(queue)
    }
    fn events(
        &self,
        queue: &str,
        after: Option<String>,
        max: u32,
    ) -> Answer<'_, (Vec<Event>, String)> {
        self.inner.events(queue, after, max)
    }
    fn rates(&self, queue: &str, minutes: u32) -> Answer<'_, Vec<MinuteCount>> {
        self.inner.rates(queue, minutes)
    }
    fn now(&self) -> Answer<'_, Timestamp> {
        self.inner.now()
    }
}

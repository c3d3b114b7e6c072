//! The store: what the contract asks, each by the file that does it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bullmq::{options::RedisConnectionOptions, redis_connection::RedisConnection};
use purlin_base::{BoxFuture, Timestamp, id::IdMaker};

use super::{
    connection::{Connections, ENGINE},
    keys::Keys,
    operate::refusal,
    wake::Wake,
};
use crate::{
    Payload, QueueError, Store,
    job::JobRecord,
    store::{
        Added, Annotation, Capabilities, Capability, Change, Child, Control, Counts, Event,
        JobsQuery, Lease, LogPage, MinuteCount, NewJob, QueueSummary, Renewal, Schedule,
        ScheduleState, Turn, Turned, Upkeep, Worker,
    },
};

/// How a [`RedisStore`] is made.
#[derive(Clone)]
pub struct RedisOptions {
    /// What every key begins with: 1 to 64 characters of `A-Z a-z 0-9 . _ - { }`. Default, as
    /// BullMQ's: `bull`.
    pub prefix: String,
    /// Makes what is unique about this handle: the tokens of its attempts begin with it.
    pub ids: IdMaker,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            prefix: "bull".to_owned(),
            ids: IdMaker::default(),
        }
    }
}

/// Jobs on Redis, as BullMQ lays them out. Cheap to clone.
///
/// # Cancel safety
///
/// What was sent to Redis is done, as a whole, though the future is dropped.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), purlin_queue::QueueError> {
/// use purlin_queue::{Store, redis::{RedisOptions, RedisStore}};
///
/// let store = RedisStore::connect("redis://127.0.0.1/", RedisOptions::default()).await?;
/// for queue in store.queues().await? {
///     let counts = store.counts(&queue.name).await?;
///     assert!(counts.waiting < 1_000_000, "{} is behind", queue.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    inner: Arc<Inner>,
}

/// What all clones of a store share.
pub(super) struct Inner {
    pub(super) connections: Arc<Connections>,
    pub(super) keys: Keys,
    url: String,
    instance: String,
    turns: AtomicU64,
    bull: tokio::sync::OnceCell<RedisConnection>,
    pub(super) bull_queues: tokio::sync::Mutex<HashMap<String, Arc<bullmq::Queue>>>,
    wakes: Mutex<HashMap<String, Arc<Wake>>>,
}

impl RedisStore {
    /// Connects to `url` (`redis://host:port/database`).
    ///
    /// # Errors
    ///
    /// [`QueueError::Store`] if Redis does not answer or is older than 6.2, [`QueueError::Name`] for a
    /// prefix that is none.
    pub async fn connect(url: &str, options: RedisOptions) -> Result<Self, QueueError> {
        let keys = Keys::new(&options.prefix)?;
        let connections = Connections::open(url).await?;
        connections.check_version().await?;
        Ok(Self {
            inner: Arc::new(Inner {
                connections: Arc::new(connections),
                keys,
                url: url.to_owned(),
                instance: options.ids.make().to_string(),
                turns: AtomicU64::new(0),
                bull: tokio::sync::OnceCell::new(),
                bull_queues: tokio::sync::Mutex::default(),
                wakes: Mutex::default(),
            }),
        })
    }

    /// What every such store offers: what BullMQ's layout has a place for.
    pub fn offered() -> Capabilities {
        Capabilities::of([
            Capability::AtomicBulk,
            Capability::Steps,
            Capability::CancelAnywhere,
            Capability::TimedRetention,
            Capability::CrashCount,
            Capability::Bury,
        ])
    }

    /// Moves the store's time forward by `by`, everything that runs out included.
    #[cfg(feature = "testing")]
    pub async fn advance(&self, by: Duration) -> Result<(), QueueError> {
        self.inner.advance(by).await
    }
}

impl Inner {
    /// What the tokens of the next attempts begin with.
    pub(super) fn tokens(&self) -> String {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        format!("{}:{turn}:", self.instance)
    }

    /// The connection of the crate that knows the layout: made when it is first needed.
    pub(super) async fn bull_connection(&self) -> Result<RedisConnection, QueueError> {
        let made = self.bull.get_or_try_init(|| async {
            let options = RedisConnectionOptions::new().url(&self.url);
            RedisConnection::new_managed_only(&options).await
        });
        made.await.cloned().map_err(refusal)
    }

    fn woken(&self, queue: &str) -> BoxFuture<'static, ()> {
        let mut wakes = self
            .wakes
            .lock()
            .expect("nothing panics while it holds the wake-ups");
        let marker = self.keys.of(queue, "marker");
        let new = || Arc::new(Wake::new(self.connections.clone(), marker));
        let wake = match wakes.get(queue).filter(|wake| wake.is_alive()) {
            Some(wake) => wake.clone(),
            None => {
                let wake = new();
                wakes.insert(queue.to_owned(), wake.clone());
                wake
            }
        };
        wake.wait()
    }

    /// What runs out in Redis runs out earlier by as much.
    #[cfg(feature = "testing")]
    async fn advance(&self, by: Duration) -> Result<(), QueueError> {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.connections.move_clock(by);
        let keys = self.all_keys().await?;
        let mut look = redis::pipe();
        keys.iter().for_each(|key| {
            look.pttl(key);
        });
        if keys.is_empty() {
            return Ok(());
        }
        let left: Vec<i64> = self.connections.pipeline(&look).await?;
        let mut shorten = redis::pipe();
        shorten.cmd("PING").ignore();
        for (key, left) in keys.iter().zip(left).filter(|(_, left)| *left > 0) {
            match left > by {
                true => shorten.pexpire(key, left - by).ignore(),
                false => shorten.del(key).ignore(),
            };
        }
        self.connections.pipeline(&shorten).await
    }

    #[cfg(feature = "testing")]
    async fn all_keys(&self) -> Result<Vec<String>, QueueError> {
        let (mut keys, mut cursor) = (Vec::new(), 0_u64);
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor)
                .arg("MATCH")
                .arg(format!("{}:*", self.keys.prefix()))
                .arg("COUNT")
                .arg(1000);
            let (next, found): (u64, Vec<String>) = self.connections.command(&scan).await?;
            keys.extend(found);
            cursor = next;
            if cursor == 0 {
                return Ok(keys);
            }
        }
    }
}

/// What the layout has a place for.
impl Store for RedisStore {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn capabilities(&self) -> Capabilities {
        Self::offered()
    }

    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, Result<Vec<Added>, QueueError>> {
        Box::pin(self.inner.add(jobs))
    }

    fn turn(&self, turn: Turn) -> BoxFuture<'_, Result<Turned, QueueError>> {
        Box::pin(self.inner.turn(turn))
    }

    fn renew(
        &self,
        leases: Vec<Lease>,
        lease: Duration,
    ) -> BoxFuture<'_, Result<Vec<Renewal>, QueueError>> {
        Box::pin(self.inner.renew(leases, lease))
    }

    fn annotate(&self, lease: Lease, what: Annotation) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(self.inner.annotate(lease, what))
    }

    fn steps(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<(String, Payload)>, QueueError>> {
        Box::pin(self.inner.steps(lease))
    }

    fn upkeep(&self, queue: &str, max: u32) -> BoxFuture<'_, Result<Upkeep, QueueError>> {
        let queue = queue.to_owned();
        Box::pin(async move { self.inner.upkeep(&queue, max).await })
    }

    fn woken(&self, queue: &str) -> Option<BoxFuture<'static, ()>> {
        Some(self.inner.woken(queue))
    }

    fn upsert_schedule(&self, schedule: Schedule) -> BoxFuture<'_, Result<Timestamp, QueueError>> {
        Box::pin(self.inner.upsert_schedule(schedule))
    }

    fn remove_schedule(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<bool, QueueError>> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        Box::pin(async move { self.inner.remove_schedule(&queue, &id).await })
    }

    fn schedules(&self, queue: &str) -> BoxFuture<'_, Result<Vec<ScheduleState>, QueueError>> {
        let queue = queue.to_owned();
        Box::pin(async move { self.inner.schedules(&queue).await })
    }

    fn control(&self, queue: &str, control: Control) -> BoxFuture<'_, Result<u64, QueueError>> {
        let queue = queue.to_owned();
        Box::pin(async move { self.inner.control(&queue, control).await })
    }

    fn change(
        &self,
        queue: &str,
        id: &str,
        change: Change,
    ) -> BoxFuture<'_, Result<(), QueueError>> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        Box::pin(async move { self.inner.change(&queue, &id, change).await })
    }

    fn job(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Option<JobRecord>, QueueError>> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        Box::pin(async move { self.inner.job(&queue, &id).await })
    }

    fn jobs(&self, query: JobsQuery) -> BoxFuture<'_, Result<Vec<JobRecord>, QueueError>> {
        Box::pin(self.inner.jobs(query))
    }

    fn counts(&self, queue: &str) -> BoxFuture<'_, Result<Counts, QueueError>> {
        let queue = queue.to_owned();
        Box::pin(async move { self.inner.counts(&queue).await })
    }

    fn logs(
        &self,
        queue: &str,
        id: &str,
        from: u64,
        max: u32,
    ) -> BoxFuture<'_, Result<LogPage, QueueError>> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        Box::pin(async move { self.inner.logs(&queue, &id, from, max).await })
    }

    fn children(&self, queue: &str, id: &str) -> BoxFuture<'_, Result<Vec<Child>, QueueError>> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        Box::pin(async move { self.inner.children(&queue, &id).await })
    }

    fn queues(&self) -> BoxFuture<'_, Result<Vec<QueueSummary>, QueueError>> {
        Box::pin(self.inner.queues())
    }

    fn beat(&self, worker: Worker, until: Duration) -> BoxFuture<'_, Result<(), QueueError>> {
        Box::pin(self.inner.beat(worker, until))
    }

    fn leave(&self, queue: &str, worker: &str) -> BoxFuture<'_, Result<(), QueueError>> {
        let (queue, worker) = (queue.to_owned(), worker.to_owned());
        Box::pin(async move { self.inner.leave(&queue, &worker).await })
    }

    fn workers(&self, queue: &str) -> BoxFuture<'_, Result<Vec<Worker>, QueueError>> {
        let queue = queue.to_owned();
        Box::pin(async move { self.inner.workers(&queue).await })
    }

    fn events(
        &self,
        queue: &str,
        after: Option<String>,
        max: u32,
    ) -> BoxFuture<'_, Result<(Vec<Event>, String), QueueError>> {
        let queue = queue.to_owned();
        Box::pin(async move { self.inner.events(&queue, after, max).await })
    }

    fn rates(
        &self,
        queue: &str,
        minutes: u32,
    ) -> BoxFuture<'_, Result<Vec<MinuteCount>, QueueError>> {
        let queue = queue.to_owned();
        Box::pin(async move { self.inner.rates(&queue, minutes).await })
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, QueueError>> {
        Box::pin(self.inner.connections.now())
    }
}

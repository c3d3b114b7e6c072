//! What can be set on a worker.

use std::{collections::HashMap, fmt, ops::RangeInclusive, sync::Arc, time::Duration};

use purlin_base::{id::IdMaker, random::SharedRng, time::SharedClock};
use purlin_runtime::CpuPool;

use super::{
    BatchProcessor, FailedAttempt, JobContext, JobError, Processor, RawProcessor, Worker,
    backoff::BackoffFn,
    batch::Batched,
    handler::{Handler, Handlers, OnPool, Raw, Typed},
    shared::{Means, Settings, Shared},
};
use crate::{
    Job, Queue, QueueError,
    job::check_name,
    metrics::JobObserver,
    store::{Capability, Limits},
};

/// Makes a [`Worker`]. Every option is checked by [`start`](Self::start).
#[must_use = "nothing runs until `start`"]
pub struct WorkerBuilder {
    home: Result<Queue, QueueError>,
    settings: Settings,
    handlers: Handlers,
    backoffs: HashMap<String, BackoffFn>,
    limits: Option<Limits>,
    observer: Option<Arc<dyn JobObserver>>,
    clock: Option<SharedClock>,
    rng: Option<SharedRng>,
    ids: Option<IdMaker>,
    /// What is wrong with a processor.
    fault: Option<QueueError>,
}

const SECOND: Duration = Duration::from_secs(1);

impl WorkerBuilder {
    pub(super) fn new(home: Result<Queue, QueueError>) -> Self {
        let settings = Settings {
            name: "worker".to_owned(),
            concurrency: 1,
            prefetch: u32::MAX,
            lease: 30 * SECOND,
            poll: (Duration::from_millis(25), SECOND),
            timeout: 3600 * SECOND,
            grace: SECOND,
            drain: 10 * SECOND,
        };
        Self {
            home,
            settings,
            handlers: Handlers::default(),
            backoffs: HashMap::new(),
            limits: None,
            observer: None,
            clock: None,
            rng: None,
            ids: None,
            fault: None,
        }
    }

    /// Who does jobs of type `J`.
    pub fn processor<J: Job, P: Processor<J>>(self, processor: P) -> Self {
        self.insert(J::NAME, J::VERSION, Arc::new(Typed::new(processor)))
    }

    /// Who does jobs of type `J` several at once: up to `max` of them, gathered for up to `wait`
    /// after the first. `max` is at most the worker's concurrency.
    pub fn batch_processor<J: Job, P: BatchProcessor<J>>(
        mut self,
        max: u32,
        wait: Duration,
        processor: P,
    ) -> Self {
        if max == 0 {
            self.fault = Some(option("batch_processor.max", "at least 1"));
        }
        let handler = Batched::<J, P>::new(processor, max as usize, wait);
        self.insert(J::NAME, J::VERSION, Arc::new(handler))
    }

    /// Who does jobs of type `J` that compute, on `pool`.
    ///
    /// A thread cannot be ended from outside: work that takes longer than it may runs on until it asks
    /// [`JobContext::is_cancelled`], though its attempt has failed by then.
    pub fn cpu_processor<J, F>(self, pool: &CpuPool, work: F) -> Self
    where
        J: Job,
        F: Fn(J, &JobContext) -> Result<J::Output, JobError> + Send + Sync + 'static,
    {
        let handler = OnPool::<J, F>::new(pool.clone(), work);
        self.insert(J::NAME, J::VERSION, Arc::new(handler))
    }

    /// Who does jobs of type `J` in other processes, with the limits of `pool`: a crash there is a
    /// failed attempt. A job that takes longer than it may is killed with its process.
    #[cfg(all(target_os = "linux", feature = "process"))]
    pub fn process_processor<J: Job + Sync>(
        self,
        pool: &purlin_runtime::worker::process::ProcessPool<J, Result<J::Output, String>>,
    ) -> Self {
        let handler = super::process::InProcess(pool.clone());
        self.insert(J::NAME, J::VERSION, Arc::new(handler))
    }

    /// Who does jobs of this name, whatever their type and version.
    pub fn raw<P: RawProcessor>(self, name: &str, processor: P) -> Self {
        self.insert(name, u32::MAX, Arc::new(Raw::new(processor)))
    }

    /// Who does jobs that nobody else here does. Without it they are left for another worker.
    pub fn fallback<P: RawProcessor>(mut self, processor: P) -> Self {
        self.handlers.set_fallback(Arc::new(Raw::new(processor)));
        self
    }

    /// The wait of jobs whose options name this [custom backoff](crate::Backoff::custom); `*`: of
    /// those that name one which has no function here, as BullMQ's `backoffStrategy` is for all.
    pub fn backoff(
        mut self,
        name: impl Into<String>,
        wait: impl Fn(&FailedAttempt<'_>) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.backoffs.insert(name.into(), Arc::new(wait));
        self
    }

    /// What it is called in lists of workers. Several may be called the same.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = name.into();
        self
    }

    /// Jobs that run at once, 1 to 10 000. Default: 1.
    pub fn concurrency(mut self, jobs: u32) -> Self {
        self.settings.concurrency = jobs;
        self
    }

    /// Jobs taken ahead at most, while jobs are so short (20 ms on average) that the next would be
    /// waited for. They have a lease, and are handed back when they wait for a second, and by a stop.
    /// 0: none. Default, and at most: the concurrency.
    pub fn prefetch(mut self, jobs: u32) -> Self {
        self.settings.prefetch = jobs;
        self
    }

    /// How long a job is this worker's without a sign of life, 50 ms to an hour. Renewed three times
    /// as often. After a crash, other workers wait this long. Default: 30 s.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease;
        self
    }

    /// How soon an idle queue is looked at again where the store gives no hint: at first, and at most;
    /// 1 ms to a minute. Default: 25 ms, 1 s.
    pub fn poll(mut self, first: Duration, at_most: Duration) -> Self {
        self.settings.poll = (first, at_most);
        self
    }

    /// How long an attempt may take whose job says nothing about it, 1 ms to a week. Default: an hour.
    pub fn timeout(mut self, bound: Duration) -> Self {
        self.settings.timeout = bound;
        self
    }

    /// How long an attempt that was told to stop may go on until its future is dropped, up to a
    /// minute. Default: 1 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// How long jobs may go on when the application stops, up to an hour. Default: 10 s.
    pub fn drain(mut self, within: Duration) -> Self {
        self.settings.drain = within;
        self
    }

    /// Sets the limits of the queue, over all its workers, at the start.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Who is told of attempts that have ended. Default: that of the queue.
    pub fn observer(mut self, observer: Arc<dyn JobObserver>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// For waits and bounds. Default: that of the queue.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// For jitter and spans of traces. Default: that of the queue.
    pub fn rng(mut self, rng: SharedRng) -> Self {
        self.rng = Some(rng);
        self
    }

    /// For the worker's own id. Default: that of the queue.
    pub fn ids(mut self, ids: IdMaker) -> Self {
        self.ids = Some(ids);
        self
    }

    /// Checks every option, then begins to work.
    ///
    /// A store that is away does not fail the start: the worker begins when it is there.
    ///
    /// # Errors
    ///
    /// [`QueueError::Name`] and [`QueueError::Option`]; [`QueueError::NotOffered`] for limits that the
    /// engine does not have; those of the store where limits are to be set;
    /// [`QueueError::Store`] if the operating system gives no thread for the leases.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub async fn start(mut self) -> Result<Worker, QueueError> {
        let limits = self.limits.take();
        let shared = self.shared()?;
        if let Some(limits) = limits {
            check_limits(&shared, &limits)?;
            shared.home.set_limits(limits).await?;
        }
        Worker::begin(shared)
    }

    /// What all parts of the worker share, once every option is checked.
    pub(crate) fn shared(self) -> Result<Arc<Shared>, QueueError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let home = self.home?;
        if self.handlers.is_empty() {
            return Err(option("processor", "at least one, or a fallback"));
        }
        let mut settings = self.settings;
        check(&settings)?;
        settings.prefetch = settings.prefetch.min(settings.concurrency);
        let config = home.queues().config().clone();
        let id = self.ids.unwrap_or(config.ids).make().to_string();
        let means = Means {
            handlers: self.handlers,
            backoffs: self.backoffs,
            observer: self.observer.or(config.observer),
            clock: self.clock.unwrap_or(config.clock),
            rng: self.rng.unwrap_or(config.rng),
        };
        Ok(Shared::new(home, id, settings, means))
    }

    fn insert(mut self, name: &str, version: u32, handler: Arc<dyn Handler>) -> Self {
        if !self.handlers.insert(name, version, handler) {
            let fault = option("processor", "one for each name of a job");
            self.fault.get_or_insert(fault);
        }
        self
    }
}

fn check(settings: &Settings) -> Result<(), QueueError> {
    let ms = Duration::from_millis;
    let within = |given: Duration, bounds: RangeInclusive<Duration>| bounds.contains(&given);
    let (first, at_most) = settings.poll;
    let checks = [
        (
            "concurrency",
            (1..=10_000).contains(&settings.concurrency),
            "1 to 10000",
        ),
        (
            "lease",
            within(settings.lease, ms(50)..=3600 * SECOND),
            "50 ms to an hour",
        ),
        (
            "poll",
            within(first, ms(1)..=at_most) && at_most <= 60 * SECOND,
            "1 ms to a minute, the first at most the last",
        ),
        (
            "timeout",
            within(settings.timeout, ms(1)..=7 * 24 * 3600 * SECOND),
            "1 ms to a week",
        ),
        ("grace", settings.grace <= 60 * SECOND, "up to a minute"),
        ("drain", settings.drain <= 3600 * SECOND, "up to an hour"),
    ];
    if let Some((name, _, rule)) = checks.into_iter().find(|(_, fits, _)| !fits) {
        return Err(option(name, rule));
    }
    check_name("worker", &settings.name)
}

/// What the engine cannot keep is refused, and never emulated.
fn check_limits(shared: &Shared, limits: &Limits) -> Result<(), QueueError> {
    let queues = shared.home.queues();
    if limits.key_concurrency.is_some() || limits.key_rate.is_some() {
        queues.must_offer(Capability::KeyLimits, "use a queue for each key")?;
    }
    if !limits.tenant_weights.is_empty() {
        queues.must_offer(Capability::Tenants, "use a queue for each tenant")?;
    }
    Ok(())
}

fn option(option: &'static str, rule: &'static str) -> QueueError {
    QueueError::Option { option, rule }
}

impl fmt::Debug for WorkerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerBuilder")
            .field("home", &self.home)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

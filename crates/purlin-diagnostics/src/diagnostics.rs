//! All of it together, for a program that serves.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use purlin_base::{
    time::{Clock, SharedClock, SystemClock},
    work::Label,
};
use tokio::{runtime::Handle, task::AbortHandle};

use crate::{
    Collector, DelayMonitor, DiagnosticsError, Exposition, PollWatch, Snapshot, Utilization,
    growth::GrowthWatch, memory::ProcessMemory, requests::Requests, snapshot,
};

mod collect;

/// Watches polls, delays, memory and growth, and says what it has seen as metrics and as JSON.
/// Clones are the same; it ends with the last of them.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin_base::work::Label;
/// use purlin_diagnostics::Diagnostics;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let diagnostics = Diagnostics::builder().poll_limit(Duration::from_millis(20)).start()?;
/// diagnostics.requests().record(Label::route("GET", "/"), 200, Duration::from_millis(1));
/// let metrics = diagnostics.metrics();
/// assert!(metrics.contains("purlin_http_requests_total{method=\"GET\",route=\"/\",status=\"2xx\"} 1"));
/// assert_eq!(diagnostics.snapshot().requests[0].requests, 1);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "it ends when it is dropped"]
pub struct Diagnostics(Arc<Inner>);

struct Inner {
    watch: PollWatch,
    delay: DelayMonitor,
    runtime: Handle,
    used: Mutex<Utilization>,
    growth: Arc<Mutex<GrowthWatch>>,
    observing: AbortHandle,
    requests: Requests,
    collectors: Mutex<Vec<Arc<dyn Collector>>>,
}

/// What can be set; checked by [`start`](Self::start).
#[must_use = "nothing is watched before `start`"]
pub struct DiagnosticsBuilder {
    poll_limit: Duration,
    delay_resolution: Duration,
    growth_every: Duration,
    clock: SharedClock,
}

impl Default for DiagnosticsBuilder {
    fn default() -> Self {
        Self {
            poll_limit: PollWatch::LIMIT_DEFAULT,
            delay_resolution: DelayMonitor::RESOLUTION_DEFAULT,
            growth_every: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
        }
    }
}

impl DiagnosticsBuilder {
    /// How long a poll may take before it is reported: 1 ms to 1 h. Default: 10 ms.
    pub fn poll_limit(mut self, limit: Duration) -> Self {
        self.poll_limit = limit;
        self
    }

    /// How often the delay of the executor is measured: 1 ms to 1 min. Default: 10 ms.
    pub fn delay_resolution(mut self, resolution: Duration) -> Self {
        self.delay_resolution = resolution;
        self
    }

    /// How often is looked for growth: 1 s to 1 h. A leak is told of after 24 looks at the
    /// earliest. Default: 10 s.
    pub fn growth_every(mut self, every: Duration) -> Self {
        self.growth_every = every;
        self
    }

    /// What the looks for growth wait by. Default: [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Checks every option, then begins to watch the current runtime.
    ///
    /// # Errors
    ///
    /// [`DiagnosticsError`] for an option out of its bounds, or if there is no thread to be had.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with timers.
    pub fn start(self) -> Result<Diagnostics, DiagnosticsError> {
        self.check()?;
        let watch = PollWatch::start(self.poll_limit)?;
        let runtime = Handle::current();
        let growth = Arc::new(Mutex::new(GrowthWatch::new()));
        let observing = observe(self.clock, self.growth_every, Arc::clone(&growth));
        Ok(Diagnostics(Arc::new(Inner {
            watch,
            delay: DelayMonitor::start(self.delay_resolution),
            used: Mutex::new(Utilization::now(&runtime)),
            runtime,
            growth,
            observing,
            requests: Requests::new(),
            collectors: Mutex::default(),
        })))
    }

    fn check(&self) -> Result<(), DiagnosticsError> {
        let (ms, s) = (Duration::from_millis, Duration::from_secs);
        let bounds = [
            (
                "delay_resolution",
                self.delay_resolution,
                ms(1),
                s(60),
                "1 ms to 1 min",
            ),
            (
                "growth_every",
                self.growth_every,
                s(1),
                s(3_600),
                "1 s to 1 h",
            ),
        ];
        for (option, given, least, most, expected) in bounds {
            if !(least..=most).contains(&given) {
                let given = format!("{given:?}");
                return Err(DiagnosticsError::Option {
                    option,
                    given,
                    expected,
                });
            }
        }
        Ok(())
    }
}

fn observe(clock: SharedClock, every: Duration, growth: Arc<Mutex<GrowthWatch>>) -> AbortHandle {
    let _tagged = Label::task("diagnostics.growth").tag();
    let looks = async move {
        loop {
            clock.sleep(every).await;
            lock(&growth).observe();
        }
    };
    purlin_runtime::spawn(looks).abort_handle()
}

impl Diagnostics {
    /// Begins; see [`DiagnosticsBuilder`] for what can be set and the defaults.
    pub fn builder() -> DiagnosticsBuilder {
        DiagnosticsBuilder::default()
    }

    /// The watch for polls that take too long.
    pub fn polls(&self) -> &PollWatch {
        &self.0.watch
    }

    /// How late the executor is.
    pub fn delay(&self) -> &DelayMonitor {
        &self.0.delay
    }

    /// The answers of each route, for whoever gives them to count.
    pub fn requests(&self) -> &Requests {
        &self.0.requests
    }

    /// Asks `collector` too, whenever the metrics are read.
    ///
    /// ```
    /// use purlin_diagnostics::{Diagnostics, metrics::{Exposition, MetricKind}};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let diagnostics = Diagnostics::builder().start()?;
    /// diagnostics.collector(|exposition: &mut Exposition| {
    ///     exposition.single("shop_carts", MetricKind::Gauge, "Carts.", 3_u64);
    /// });
    /// assert!(diagnostics.metrics().contains("shop_carts 3\n"));
    /// # Ok(()) }
    /// ```
    pub fn collector(&self, collector: impl Collector) {
        lock(&self.0.collectors).push(Arc::new(collector));
    }

    /// Everything as metrics of Prometheus, of [`Exposition::CONTENT_TYPE`].
    pub fn metrics(&self) -> String {
        let mut exposition = Exposition::new();
        self.collect(&mut exposition);
        let collectors = lock(&self.0.collectors).clone();
        for collector in collectors {
            collector.collect(&mut exposition);
        }
        exposition.finish()
    }

    /// Everything as data. The use of threads is counted from the last snapshot on.
    pub fn snapshot(&self) -> Snapshot {
        let memory = ProcessMemory::now();
        Snapshot {
            executor_delay: self.0.delay.histogram().distribution(),
            workers: self.used(),
            tasks: self.0.runtime.metrics().num_alive_tasks(),
            culprits: self.0.watch.culprits(),
            blocked: self.0.watch.blocked(),
            memory,
            heap: snapshot::heap(memory),
            live: snapshot::live_places(),
            growing: lock(&self.0.growth).warnings(),
            requests: self.0.requests.routes(),
        }
    }

    fn used(&self) -> Vec<crate::WorkerUse> {
        let now = Utilization::now(&self.0.runtime);
        let earlier = std::mem::replace(&mut *lock(&self.0.used), now.clone());
        now.since(&earlier)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.observing.abort();
    }
}

impl fmt::Debug for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diagnostics")
            .field("poll_limit", &self.0.watch.limit())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DiagnosticsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiagnosticsBuilder")
            .field("poll_limit", &self.poll_limit)
            .field("delay_resolution", &self.delay_resolution)
            .field("growth_every", &self.growth_every)
            .finish_non_exhaustive()
    }
}

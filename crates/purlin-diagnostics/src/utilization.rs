//! How busy each thread of a runtime is.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::runtime::Handle;

/// How long each thread of a runtime has been busy, at one moment. Two of them make a rate.
///
/// Busy is everything but waiting for something to do: a poll that blocks counts as busy.
///
/// # Source
///
/// Node's `performance.eventLoopUtilization(earlier)`, for each thread.
///
/// # Examples
///
/// ```
/// use purlin_diagnostics::Utilization;
/// use tokio::runtime::Handle;
///
/// #[tokio::main(flavor = "multi_thread", worker_threads = 2)]
/// async fn main() {
///     let earlier = Utilization::now(&Handle::current());
///     tokio::time::sleep(std::time::Duration::from_millis(20)).await;
///     let workers = Utilization::now(&Handle::current()).since(&earlier);
///     assert_eq!(workers.len(), 2);
///     assert!(workers.iter().all(|worker| worker.utilization <= 1.0));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Utilization {
    at: Instant,
    busy: Vec<Duration>,
}

/// How busy one thread was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WorkerUse {
    /// Its number in the runtime.
    pub worker: usize,
    /// Seconds it was busy.
    pub busy: f64,
    /// Seconds it had nothing to do.
    pub idle: f64,
    /// The part of the time that it was busy, 0 to 1.
    pub utilization: f64,
}

impl Utilization {
    /// How long the threads of `runtime` have been busy since it was made.
    pub fn now(runtime: &Handle) -> Self {
        let metrics = runtime.metrics();
        let workers = 0..metrics.num_workers();
        Self {
            at: Instant::now(),
            busy: workers
                .map(|worker| metrics.worker_total_busy_duration(worker))
                .collect(),
        }
    }

    /// How long each thread has been busy, by its number.
    pub fn busy(&self) -> &[Duration] {
        &self.busy
    }

    /// How busy each thread was between `earlier` and this, both of one runtime.
    pub fn since(&self, earlier: &Self) -> Vec<WorkerUse> {
        let elapsed = self.at.saturating_duration_since(earlier.at).as_secs_f64();
        let pairs = self.busy.iter().zip(&earlier.busy).enumerate();
        pairs
            .map(|(worker, (now, then))| {
                // The time of a thread that is busy now is added when it has nothing to do.
                let busy = now.saturating_sub(*then).as_secs_f64().min(elapsed);
                WorkerUse {
                    worker,
                    busy,
                    idle: elapsed - busy,
                    utilization: if elapsed > 0.0 { busy / elapsed } else { 0.0 },
                }
            })
            .collect()
    }
}

//! How late the executor is: what a timer that is due has to wait for its poll.

use std::{sync::Arc, time::Duration};

use purlin_base::work::Label;
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use crate::Histogram;

/// Measures how late a task is polled after it was woken, by a timer that fires again and again.
///
/// That is what a request has to wait before anything happens for it. tokio's timers have a
/// millisecond, so an idle runtime shows delays of about 1 ms. On a runtime of several threads
/// one that is held up shows only if the others are busy too: use [`PollWatch`](crate::PollWatch)
/// to find it. Dropping the monitor stops it.
///
/// # Source
///
/// Node's `monitorEventLoopDelay`, but for the resolution: Node counts it as a part of the delay.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use purlin_diagnostics::DelayMonitor;
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() {
///     let monitor = DelayMonitor::start(Duration::from_millis(5));
///     tokio::time::sleep(Duration::from_millis(20)).await;
///     // The mistake: this holds up everybody else on this thread.
///     let began = Instant::now();
///     while began.elapsed() < Duration::from_millis(60) {}
///     tokio::time::sleep(Duration::from_millis(20)).await;
///     assert!(monitor.histogram().max() >= Duration::from_millis(50));
/// }
/// ```
#[derive(Debug)]
#[must_use = "dropping it stops the measuring"]
pub struct DelayMonitor {
    histogram: Arc<Histogram>,
    task: AbortHandle,
}

impl DelayMonitor {
    /// How often it measures, unless told otherwise.
    pub const RESOLUTION_DEFAULT: Duration = Duration::from_millis(10);

    /// Begins to measure the current runtime, every `resolution`, which is at least 1 ms.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with timers.
    pub fn start(resolution: Duration) -> Self {
        let histogram = Arc::new(Histogram::new());
        let resolution = resolution.max(Duration::from_millis(1));
        let _tagged = Label::task("diagnostics.delay").tag();
        let task = purlin_runtime::spawn(measure(Arc::clone(&histogram), resolution));
        let task = task.abort_handle();
        Self { histogram, task }
    }

    /// The delays so far.
    pub fn histogram(&self) -> &Histogram {
        &self.histogram
    }
}

async fn measure(histogram: Arc<Histogram>, resolution: Duration) {
    loop {
        let due = Instant::now() + resolution;
        sleep_until(due).await;
        histogram.record(due.elapsed());
    }
}

impl Drop for DelayMonitor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

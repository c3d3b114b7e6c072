//! Works on the queue until it is told to stop.

use std::time::Duration;

use purlin_queue::{Queue, Worker};
use tokio::signal::unix::{SignalKind, signal};

use crate::{error::Failure, jobs};

/// How long a job's lease is.
const LEASE: Duration = Duration::from_secs(5);
/// What the queue is looked after at least: expired leases are found so soon.
const LOOKED_AFTER: Duration = Duration::from_secs(1);
/// How long a running job may take to finish once the worker stops.
const LAST_JOB: Duration = Duration::from_secs(60);

pub(crate) async fn run(
    queue: &Queue,
    concurrency: u32,
    ready: impl FnOnce(),
) -> Result<(), Failure> {
    let mut stop = signal(SignalKind::terminate())?;
    let worker = Worker::of(queue)
        .concurrency(concurrency)
        .lease(LEASE)
        .poll(Duration::from_millis(25), LOOKED_AFTER)
        .fallback(jobs::process)
        .backoff("*", |failed| {
            Duration::from_millis(40) * failed.attempts_made
        })
        .start()
        .await?;
    ready();
    stop.recv().await;
    worker.stop(LAST_JOB).await;
    Ok(())
}

//! Renews leases, and says that the worker is there, on a thread that user code cannot block.
//!
//! All workers of a process share the thread. It runs nothing but this: a processor that computes
//! on every thread of its own runtime does not lose its job.

use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use purlin_base::time::Clock as _;
use tokio::runtime::{Builder, Handle};

use super::{
    attempt::{Attempt, take_in},
    shared::Shared,
};
use crate::store::Worker as WorkerRow;

/// How long a failed renewal waits until it is tried again, at most.
const AGAIN_MAX: Duration = Duration::from_secs(1);

/// Begins to keep the leases of a worker. Ends by itself once `shared.gone` fires.
///
/// # Errors
///
/// When the operating system gives no thread.
pub(super) fn keep(shared: Arc<Shared>) -> io::Result<()> {
    thread()?.spawn(run(shared));
    Ok(())
}

/// The thread of the process, which is started by the first worker and never ends: connections that
/// a store has opened on it stay good.
fn thread() -> io::Result<&'static Handle> {
    static THREAD: OnceLock<Handle> = OnceLock::new();
    if let Some(handle) = THREAD.get() {
        return Ok(handle);
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    std::thread::Builder::new()
        .name("purlin-leases".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    // Of two that begin at once one thread stays idle.
    Ok(THREAD.get_or_init(|| handle))
}

async fn run(shared: Arc<Shared>) {
    let mut wait = Duration::ZERO;
    loop {
        tokio::select! {
            () = shared.gone.cancelled() => return,
            () = shared.clock.sleep(wait) => {}
        }
        let is_kept = renew(&shared).await;
        beat(&shared).await;
        shared.attempts.expire(shared.clock.monotonic());
        let third = shared.settings.lease / 3;
        wait = match is_kept {
            true => third,
            false => (third / 3).min(AGAIN_MAX),
        };
    }
}

/// Renews what is older than a sixth of the lease; whether the store answered.
async fn renew(shared: &Shared) -> bool {
    let now = shared.clock.monotonic();
    let due = shared.attempts.due(now + shared.settings.lease * 5 / 6);
    if due.is_empty() {
        return true;
    }
    let leases = due.iter().map(|attempt| attempt.lease.clone()).collect();
    let until = now + shared.settings.lease;
    let renewed = tokio::select! {
        renewed = shared.store.renew(leases, shared.settings.lease) => renewed,
        // A store that does not answer must not keep us from seeing that leases run out.
        () = shared.clock.sleep(shared.settings.lease / 3) => return false,
        () = shared.gone.cancelled() => return true,
    };
    match renewed {
        Ok(renewals) => {
            let pairs = due.iter().zip(renewals);
            pairs.for_each(|(attempt, renewal)| told(shared, attempt, renewal, until));
            true
        }
        Err(error) => {
            tracing::warn!(queue = shared.queue(), %error, "leases could not be renewed");
            false
        }
    }
}

fn told(shared: &Shared, attempt: &Attempt, renewal: crate::store::Renewal, until: Duration) {
    let was_lost = attempt.is_lost();
    take_in(attempt, renewal, until);
    // One that has just ended has no lease any more, once the store knows.
    if attempt.is_lost() && !was_lost && !attempt.has_ended() {
        let job = &attempt.lease.id;
        tracing::warn!(
            queue = shared.queue(),
            job,
            "the lease is lost: another attempt may run"
        );
    }
}

async fn beat(shared: &Shared) {
    let row = WorkerRow {
        id: shared.id.clone(),
        queue: shared.queue().to_owned(),
        name: shared.settings.name.clone(),
        pid: std::process::id(),
        concurrency: shared.settings.concurrency,
        running: shared.running(),
        started_at: shared.started_at,
    };
    tokio::select! {
        beaten = shared.store.beat(row, shared.settings.lease) => {
            if let Err(error) = beaten {
                tracing::debug!(queue = shared.queue(), %error, "a worker could not say that it is there");
            }
        }
        () = shared.clock.sleep(shared.settings.lease / 3) => {}
        () = shared.gone.cancelled() => {}
    }
}

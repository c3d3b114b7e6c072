//! What time brings to a queue, asked of the store when it is due.

use std::{sync::Arc, time::Duration};

use purlin_base::time::Clock as _;

use super::shared::Shared;
use crate::store::Upkeep;

/// Jobs that one call touches at most, of each kind.
const STEP: u32 = 1000;

/// The shortest time between two calls when nothing is known to be left.
const PAUSE: Duration = Duration::from_millis(5);

/// Keeps the queue until the worker is gone.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        let wait = once(&shared).await;
        let pause = wait.min(PAUSE);
        tokio::select! {
            () = shared.gone.cancelled() => return,
            () = shared.clock.sleep(wait) => {}
            () = sooner(&shared, pause) => {}
        }
    }
}

/// Ends when time may bring something earlier, and not at once: whoever says so may say it often.
async fn sooner(shared: &Shared, pause: Duration) {
    shared.look_again.notified().await;
    shared.clock.sleep(pause).await;
}

/// One call; when the next one is due.
async fn once(shared: &Shared) -> Duration {
    let at_most = shared.settings.poll.1;
    match shared.store.upkeep(shared.queue(), STEP).await {
        Ok(done) => {
            if done.promoted + done.reaped + done.ticks > 0 {
                shared.came.notify_one();
            }
            match is_more(&done) {
                true => Duration::ZERO,
                false => done
                    .next
                    .unwrap_or(at_most)
                    .clamp(Duration::from_millis(1), at_most),
            }
        }
        Err(error) => {
            tracing::warn!(queue = shared.queue(), %error, "the upkeep of a queue failed");
            at_most
        }
    }
}

/// Something may be left to do.
fn is_more(done: &Upkeep) -> bool {
    [done.promoted, done.reaped, done.ticks, done.dropped]
        .iter()
        .any(|touched| *touched >= STEP)
}

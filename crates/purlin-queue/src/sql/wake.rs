//! Wake-ups: hints that a queue may have something to claim.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use purlin_base::BoxFuture;
use tokio::sync::Notify;

use super::core::Core;

/// Who waits for which queue in this process.
#[derive(Default)]
pub(super) struct Wakes(Mutex<BTreeMap<String, Arc<Notify>>>);

impl Wakes {
    /// Wakes whoever waits for one of `queues`.
    pub(super) fn wake(&self, queues: &BTreeSet<String>) {
        if queues.is_empty() {
            return;
        }
        let waiting = self.0.lock().expect("nothing panics here");
        for queue in queues {
            if let Some(notify) = waiting.get(queue) {
                // One that comes between two waits is not lost.
                notify.notify_one();
                notify.notify_waiters();
            }
        }
    }

    fn of(&self, queue: &str) -> Arc<Notify> {
        let mut waiting = self.0.lock().expect("nothing panics here");
        match waiting.get(queue) {
            Some(notify) => Arc::clone(notify),
            None => Arc::clone(waiting.entry(queue.to_owned()).or_default()),
        }
    }
}

/// Ends when there may be something to claim.
pub(super) fn woken(core: &Arc<Core>, queue: &str) -> BoxFuture<'static, ()> {
    let notify = core.wakes.of(queue);
    Box::pin(async move { notify.notified().await })
}

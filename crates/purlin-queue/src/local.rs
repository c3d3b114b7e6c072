//! What queues and workers of one process tell each other without the store: hints, never the truth.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak},
};

use tokio::sync::{Notify, futures::Notified};

use crate::{Store, worker::Attempts};

/// One queue of one store, in this process.
#[derive(Default)]
pub(crate) struct Local {
    ended: Notify,
    running: Mutex<Vec<Weak<Attempts>>>,
}

/// By the store's address and the queue's name.
type Table = HashMap<(usize, String), Weak<Local>>;

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

/// Entries beyond which those that nobody uses any more are looked for.
const TABLE_SWEEP: usize = 64;

impl Local {
    /// What `queue` of `store` is in this process.
    pub(crate) fn of(store: &Arc<dyn Store>, queue: &str) -> Arc<Self> {
        let key = (Arc::as_ptr(store).addr(), queue.to_owned());
        let mut table = lock(&TABLE);
        if let Some(local) = table.get(&key).and_then(Weak::upgrade) {
            return local;
        }
        if table.len() >= TABLE_SWEEP {
            table.retain(|_, local| local.strong_count() > 0);
        }
        let local = Arc::new(Self::default());
        table.insert(key, Arc::downgrade(&local));
        local
    }

    /// A worker of this process begins.
    pub(crate) fn join(&self, attempts: &Arc<Attempts>) {
        let mut running = lock(&self.running);
        running.retain(|it| it.strong_count() > 0);
        running.push(Arc::downgrade(attempts));
    }

    /// Tells a job that runs in this process to stop.
    pub(crate) fn cancel(&self, id: &str) {
        let running = lock(&self.running);
        for attempts in running.iter().filter_map(Weak::upgrade) {
            attempts.cancel_job(id);
        }
    }

    /// Ends when jobs of the queue have ended in this process.
    pub(crate) fn ended(&self) -> Notified<'_> {
        self.ended.notified()
    }

    /// Some have.
    pub(crate) fn tell_ended(&self) {
        self.ended.notify_waiters();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

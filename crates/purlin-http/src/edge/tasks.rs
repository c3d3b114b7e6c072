//! Counts the handlers that run in tasks of their own, so that a stop can wait for them, and passes
//! on that one has begun.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Notify, watch};

#[derive(Debug, Default)]
pub(crate) struct Tasks {
    running: AtomicUsize,
    ended: Notify,
    draining: watch::Sender<bool>,
}

/// One running task; it ends when this is dropped.
pub(crate) struct Running(Arc<Tasks>);

impl Tasks {
    pub(crate) fn begin(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(self))
    }

    /// Says that a stop has begun.
    pub(crate) fn drain(&self) {
        self.draining.send_replace(true);
    }

    /// Where one hears of it.
    pub(super) fn stop(&self) -> watch::Receiver<bool> {
        self.draining.subscribe()
    }

    /// Ends once none is running.
    pub(crate) async fn idle(&self) {
        loop {
            let ended = self.ended.notified();
            if self.running.load(Ordering::Acquire) == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::Release) == 1 {
            self.0.ended.notify_waiters();
        }
    }
}

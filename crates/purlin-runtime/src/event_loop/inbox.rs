//! The queue that any thread fills and the poll phase of one loop empties.
//!
//! It knows nothing of what is in it. Nothing that is sent is missed: whoever waits looks at
//! [`has_any`](Inbox::has_any) before, and is told of what comes behind that look.

use std::collections::VecDeque;

use super::sync::{
    Mutex, MutexGuard, Notify,
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Release},
    },
};

pub(super) struct Inbox<M> {
    queue: Mutex<Queue<M>>,
    /// Whether the queue has anything, so that a turn without messages takes no lock. Written under
    /// the lock.
    has_any: AtomicBool,
    arrived: Notify,
}

struct Queue<M> {
    waiting: VecDeque<M>,
    ended: bool,
}

/// Why a message was not taken; it is given back, to be dropped outside of the lock.
pub(super) struct NotTaken<M> {
    pub(super) ended: bool,
    pub(super) _message: M,
}

impl<M> Default for Inbox<M> {
    fn default() -> Self {
        Self {
            queue: Mutex::new(Queue {
                waiting: VecDeque::new(),
                ended: false,
            }),
            has_any: AtomicBool::new(false),
            arrived: Notify::new(),
        }
    }
}

impl<M> Inbox<M> {
    /// Adds `message`, unless the loop has ended or `waiting_max` wait already.
    pub(super) fn send(&self, message: M, waiting_max: usize) -> Result<(), NotTaken<M>> {
        let mut queue = self.queue();
        let ended = queue.ended;
        if ended || queue.waiting.len() >= waiting_max {
            drop(queue);
            let _message = message;
            return Err(NotTaken { ended, _message });
        }
        queue.waiting.push_back(message);
        self.has_any.store(true, Release);
        drop(queue);
        self.arrived.notify_one();
        Ok(())
    }

    #[inline]
    pub(super) fn has_any(&self) -> bool {
        self.has_any.load(Acquire)
    }

    /// What has arrived by now, in its order.
    pub(super) fn take(&self) -> VecDeque<M> {
        let mut queue = self.queue();
        self.has_any.store(false, Release);
        std::mem::take(&mut queue.waiting)
    }

    /// Waits until something arrives; may also end without.
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Takes messages from now on. What was sent to a loop that had yet to run is kept for it.
    pub(super) fn open(&self) {
        self.queue().ended = false;
    }

    /// Takes no more messages; gives back those that wait.
    pub(super) fn close(&self) -> VecDeque<M> {
        let mut queue = self.queue();
        queue.ended = true;
        self.has_any.store(false, Release);
        std::mem::take(&mut queue.waiting)
    }

    /// How many messages wait, and whether the loop has ended.
    pub(super) fn state(&self) -> (usize, bool) {
        let queue = self.queue();
        (queue.waiting.len(), queue.ended)
    }

    fn queue(&self) -> MutexGuard<'_, Queue<M>> {
        self.queue
            .lock()
            .expect("nothing panics while it holds the queue")
    }
}

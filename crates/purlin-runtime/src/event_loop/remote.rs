//! What reaches a loop from other threads.

use std::{
    collections::VecDeque,
    fmt,
    panic::Location,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{
            AtomicBool,
            Ordering::{Acquire, Release},
        },
    },
};

use tokio::sync::Notify;

use super::{EventLoop, LoopError, Outcome, Raised, callback::Place};

/// A queue that any thread fills and the poll phase empties.
#[derive(Default)]
pub(super) struct Remote {
    queue: Mutex<Messages>,
    /// Whether the queue has anything, so that a turn without messages takes no lock.
    has_any: AtomicBool,
    arrived: Notify,
}

#[derive(Default)]
struct Messages {
    waiting: VecDeque<Message>,
    ended: bool,
}

pub(super) enum Message {
    /// A local future was woken, by its number.
    Wake(u64),
    Run(Posted),
    Stop,
}

type PostedWork = Box<dyn FnOnce(&EventLoop) -> Result<(), Raised> + Send>;

/// A callback from another thread.
pub(super) struct Posted {
    pub(super) run: PostedWork,
    pub(super) name: &'static str,
    pub(super) place: Place,
}

impl Remote {
    pub(super) fn push_wake(&self, number: u64) {
        self.push(Message::Wake(number));
    }

    /// Wakes and stops are always taken: there is one at most for each future.
    pub(super) fn push(&self, message: Message) {
        let mut queue = self.queue();
        if queue.ended {
            return;
        }
        queue.waiting.push_back(message);
        self.tell(queue);
    }

    fn post(&self, posted: Posted) -> Result<(), LoopError> {
        let mut queue = self.queue();
        let ended = queue.ended;
        if ended || queue.waiting.len() >= LoopHandle::MESSAGES_MAX {
            drop(queue); // The callback is dropped outside the lock.
            return Err(LoopError::NotSent { ended });
        }
        queue.waiting.push_back(Message::Run(posted));
        self.tell(queue);
        Ok(())
    }

    fn tell(&self, queue: MutexGuard<'_, Messages>) {
        self.has_any.store(true, Release);
        drop(queue);
        self.arrived.notify_one();
    }

    #[inline]
    pub(super) fn has_any(&self) -> bool {
        self.has_any.load(Acquire)
    }

    /// What has arrived by now, in its order.
    pub(super) fn take(&self) -> VecDeque<Message> {
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

    /// Takes no more messages, and drops those that wait.
    pub(super) fn close(&self) {
        let mut queue = self.queue();
        queue.ended = true;
        let dropped = std::mem::take(&mut queue.waiting);
        self.has_any.store(false, Release);
        drop(queue);
        super::contain::quietly(|| drop(dropped));
    }

    fn queue(&self) -> MutexGuard<'_, Messages> {
        self.queue
            .lock()
            .expect("nothing panics while it holds the queue")
    }
}

/// Reaches a loop from any thread. Cheap to clone; it does not hold the loop.
#[derive(Clone)]
pub struct LoopHandle {
    remote: Arc<Remote>,
}

impl LoopHandle {
    /// Messages that may wait for a loop at once.
    pub const MESSAGES_MAX: usize = 65_536;

    pub(super) fn new(remote: Arc<Remote>) -> Self {
        Self { remote }
    }

    /// Runs `callback` in the poll phase of the loop, in the order of the calls.
    ///
    /// # Errors
    ///
    /// [`LoopError::NotSent`] if the loop is not running, or has
    /// [`MESSAGES_MAX`](Self::MESSAGES_MAX) messages waiting. The callback is dropped.
    #[track_caller]
    pub fn post<F, R>(&self, callback: F) -> Result<(), LoopError>
    where
        F: FnOnce(&EventLoop) -> R + Send + 'static,
        R: Outcome,
    {
        self.remote.post(Posted {
            run: Box::new(|event_loop| callback(event_loop).into_result()),
            name: std::any::type_name::<F>(),
            place: Location::caller(),
        })
    }

    /// Tells the loop to stop at its next poll phase, as [`EventLoop::stop`].
    pub fn stop(&self) {
        self.remote.push(Message::Stop);
    }
}

impl fmt::Debug for LoopHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.remote.queue();
        f.debug_struct("LoopHandle")
            .field("waiting", &queue.waiting.len())
            .field("ended", &queue.ended)
            .finish()
    }
}

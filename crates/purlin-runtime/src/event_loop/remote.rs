//! What reaches a loop from other threads.

use std::{collections::VecDeque, fmt, panic::Location, sync::Arc};

use super::{EventLoop, LoopError, Outcome, Raised, callback::Place, inbox::Inbox};

/// The inbox of a loop.
#[derive(Default)]
pub(super) struct Remote(Inbox<Message>);

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

    /// Wakes and stops are always taken: there is one at most for each future. A loop that has
    /// ended needs none.
    pub(super) fn push(&self, message: Message) {
        let _ended = self.0.send(message, usize::MAX);
    }

    fn post(&self, posted: Posted) -> Result<(), LoopError> {
        let sent = self.0.send(Message::Run(posted), LoopHandle::MESSAGES_MAX);
        sent.map_err(|refused| LoopError::NotSent {
            ended: refused.ended,
        })
    }

    #[inline]
    pub(super) fn has_any(&self) -> bool {
        self.0.has_any()
    }

    /// What has arrived by now, in its order.
    pub(super) fn take(&self) -> VecDeque<Message> {
        self.0.take()
    }

    /// Waits until something arrives; may also end without.
    pub(super) async fn arrived(&self) {
        self.0.arrived().await;
    }

    /// Takes messages from now on. What was sent to a loop that had yet to run is kept for it.
    pub(super) fn open(&self) {
        self.0.open();
    }

    /// Takes no more messages, and drops those that wait.
    pub(super) fn close(&self) {
        let dropped = self.0.close();
        super::contain::quietly(|| drop(dropped));
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
        let (waiting, ended) = self.remote.0.state();
        f.debug_struct("LoopHandle")
            .field("waiting", &waiting)
            .field("ended", &ended)
            .finish()
    }
}

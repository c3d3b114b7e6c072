//! A bounded queue between the listener that fills a stream and whoever reads it.

use std::{
    collections::VecDeque,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker},
};

use super::{
    SharedError,
    sync::{Mutex, MutexGuard},
};

/// What is read from a mailbox.
pub(super) enum Letter<T> {
    Event(T),
    /// So many events were dropped, the oldest, since the queue was full.
    Missed(u64),
    /// An error ended it.
    Failed(SharedError),
}

struct State<T> {
    queue: VecDeque<T>,
    missed: u64,
    failed: Option<SharedError>,
    closed: bool,
    waker: Option<Waker>,
}

struct Mailbox<T> {
    capacity: usize,
    state: Mutex<State<T>>,
}

impl<T> Mailbox<T> {
    /// No code of others runs under the lock, so that a poisoned one is as good as any.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a mailbox for at most `capacity` events; 0 is read as 1.
pub(super) fn mailbox<T>(capacity: usize) -> (Arc<Sender<T>>, Receiver<T>) {
    let state = State {
        queue: VecDeque::new(),
        missed: 0,
        failed: None,
        closed: false,
        waker: None,
    };
    let mailbox = Arc::new(Mailbox {
        capacity: capacity.max(1),
        state: Mutex::new(state),
    });
    let receiver = Receiver(Arc::clone(&mailbox));
    (Arc::new(Sender(mailbox)), receiver)
}

/// Fills the mailbox; the last one dropped ends it.
pub(super) struct Sender<T>(Arc<Mailbox<T>>);

impl<T> Sender<T> {
    pub(super) fn send(&self, event: T) {
        let mut state = self.0.state();
        if state.closed {
            drop(state);
            return; // And the event is dropped outside the lock.
        }
        let oldest = if state.queue.len() == self.0.capacity {
            state.missed += 1;
            state.queue.pop_front()
        } else {
            None
        };
        state.queue.push_back(event);
        let waker = state.waker.take();
        drop(state);
        drop(oldest);
        wake(waker);
    }

    /// Ends it with `error`, once what is in the queue has been read.
    pub(super) fn fail(&self, error: SharedError) {
        let mut state = self.0.state();
        if !state.closed {
            state.failed = Some(error);
        }
        drop(state);
        self.close();
    }

    fn close(&self) {
        let mut state = self.0.state();
        state.closed = true;
        let waker = state.waker.take();
        drop(state);
        wake(waker);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.close();
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Reads the mailbox.
pub(super) struct Receiver<T>(Arc<Mailbox<T>>);

impl<T> Receiver<T> {
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Option<Letter<T>>> {
        let mut state = self.0.state();
        let missed = std::mem::take(&mut state.missed);
        if missed > 0 {
            return Poll::Ready(Some(Letter::Missed(missed)));
        }
        if let Some(event) = state.queue.pop_front() {
            return Poll::Ready(Some(Letter::Event(event)));
        }
        if let Some(error) = state.failed.take() {
            return Poll::Ready(Some(Letter::Failed(error)));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        let waker = state.waker.replace(cx.waker().clone());
        drop(state);
        drop(waker);
        Poll::Pending
    }
}

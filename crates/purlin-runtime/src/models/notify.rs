//! Stands in for tokio's `Notify`, whose own locks loom does not see: the same contract, by a lock
//! that it does.

use std::{
    future::Future,
    mem,
    pin::Pin,
    sync::PoisonError,
    task::{Context, Poll, Waker},
};

use loom::sync::{Mutex, MutexGuard};

#[derive(Debug, Default)]
pub(crate) struct Notify(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Of a `notify_one` that nobody waited for.
    permit: bool,
    next_number: u64,
    waiting: Vec<(u64, Option<Waker>)>,
}

pub(crate) struct Notified<'a> {
    notify: &'a Notify,
    /// Since it was enlisted.
    number: Option<u64>,
}

impl Notify {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn notified(&self) -> Notified<'_> {
        Notified {
            notify: self,
            number: None,
        }
    }

    pub(crate) fn notify_one(&self) {
        let mut state = self.state();
        if state.waiting.is_empty() {
            state.permit = true;
            return;
        }
        let (_, waker) = state.waiting.remove(0);
        drop(state);
        wake(waker);
    }

    pub(crate) fn notify_waiters(&self) {
        let waiting = mem::take(&mut self.state().waiting);
        for (_, waker) in waiting {
            wake(waker);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Notified<'_> {
    /// Enlists it; whether it was notified already.
    pub(crate) fn enable(self: Pin<&mut Self>) -> bool {
        self.get_mut().look(None)
    }

    fn look(&mut self, waker: Option<&Waker>) -> bool {
        let mut state = self.notify.state();
        let number = match self.number {
            Some(number) => number,
            None if mem::take(&mut state.permit) => return true,
            None => {
                let number = state.next_number;
                state.next_number += 1;
                state.waiting.push((number, None));
                self.number = Some(number);
                number
            }
        };
        let mut waiting = state.waiting.iter_mut();
        match waiting.find(|(waits, _)| *waits == number) {
            Some((_, place)) => {
                *place = waker.cloned();
                false
            }
            None => true, // It was taken off the list, and so notified.
        }
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.get_mut().look(Some(cx.waker())) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

//! Waiting for a timer in an async function.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    panic::Location,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{EventLoop, Timer};

/// Ends once its timer is due; made by [`EventLoop::sleep`].
///
/// # Cancel safety
///
/// Dropping it clears the timer.
#[derive(Debug)]
pub struct Sleep {
    timer: Timer,
    rung: Rc<Rung>,
}

#[derive(Debug, Default)]
struct Rung {
    is_due: Cell<bool>,
    waiter: RefCell<Option<Waker>>,
}

impl Sleep {
    pub(super) fn new(
        event_loop: &EventLoop,
        delay: Duration,
        place: &'static Location<'static>,
    ) -> Self {
        let rung = Rc::new(Rung::default());
        let rings = Rc::clone(&rung);
        let ring = move |_: &EventLoop| {
            rings.is_due.set(true);
            if let Some(waiter) = rings.waiter.take() {
                waiter.wake();
            }
        };
        let timer = event_loop.set_timeout_at(delay, ring, place);
        Self { timer, rung }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.rung.is_due.get() {
            return Poll::Ready(());
        }
        *self.rung.waiter.borrow_mut() = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.timer.clear();
    }
}

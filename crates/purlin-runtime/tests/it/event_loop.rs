//! The event loop, seen from outside: the order of callbacks, and what holds the loop.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use purlin_base::{
    BoxFuture, Timestamp,
    time::{Clock, ManualClock},
};
use purlin_runtime::{EventLoop, event_loop::EventLoopBuilder};

mod blocking;
mod bounds;
mod group;
mod order;
mod tasks;
mod timers;
mod uncaught;
mod watchdog;

/// Lines in the order in which callbacks wrote them.
#[derive(Clone, Default)]
pub(crate) struct Lines(Rc<RefCell<Vec<String>>>);

impl Lines {
    pub(crate) fn add(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    /// A callback that writes `line`.
    pub(crate) fn log(&self, line: &'static str) -> impl Fn(&EventLoop) + use<> {
        let lines = self.clone();
        move |_| lines.add(line)
    }

    pub(crate) fn joined(&self) -> String {
        self.0.borrow().join(" ")
    }
}

/// A clock that jumps to the end of every wait, so that no test waits.
#[derive(Clone)]
pub(crate) struct Jumping(ManualClock);

impl Jumping {
    pub(crate) fn new() -> Self {
        Self(ManualClock::new(Timestamp::UNIX_EPOCH))
    }

    /// A busy wait.
    pub(crate) fn spin(&self, millis: u64) {
        self.0.advance(Duration::from_millis(millis));
    }

    pub(crate) fn millis(&self) -> u128 {
        self.monotonic().as_millis()
    }
}

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let clock = self.0.clone();
        Box::pin(async move { clock.advance(wait) })
    }
}

pub(crate) fn on(clock: &Jumping) -> EventLoopBuilder {
    EventLoop::builder().clock(Arc::new(clock.clone()))
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Runs `main` on a clock that jumps, and gives back what it wrote.
pub(crate) fn run(main: impl FnOnce(&EventLoop, &Lines, &Jumping)) -> String {
    let (lines, clock) = (Lines::default(), Jumping::new());
    let event_loop = on(&clock).build().unwrap();
    let seen = lines.clone();
    event_loop.on_uncaught(move |_, it| seen.add(format!("uncaught-{}", it.raised)));
    let seen = lines.clone();
    event_loop.on_unhandled(move |_, it| seen.add(format!("unhandled-{}", it.raised)));
    event_loop
        .run(|event_loop| main(event_loop, &lines, &clock))
        .unwrap();
    lines.joined()
}

//! A clock that only a test moves.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
    time::Duration,
};

use super::{Clock, Timestamp};
use crate::BoxFuture;

/// A clock that stands still until [`advance`](Self::advance) is called. Clones share the time.
///
/// # Examples
///
/// ```
/// use {purlin_base::time::{Clock, ManualClock, Timestamp}, std::time::Duration};
///
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().unix_seconds(), 60);
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    start: Timestamp,
    elapsed: Duration,
    sleepers: Vec<Waker>,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State {
            start,
            elapsed: Duration::ZERO,
            sleepers: Vec::new(),
        })))
    }

    /// Moves the time forward and wakes whoever sleeps, to look whether its time has come.
    pub fn advance(&self, by: Duration) {
        let sleepers = self.with(|state| {
            state.elapsed += by;
            std::mem::take(&mut state.sleepers)
        });
        for sleeper in sleepers {
            sleeper.wake();
        }
    }

    fn with<T>(&self, use_state: impl FnOnce(&mut State) -> T) -> T {
        use_state(
            &mut self
                .0
                .lock()
                .expect("nothing panics while it holds the clock"),
        )
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.with(|state| state.start.saturating_add(state.elapsed))
    }

    fn monotonic(&self) -> Duration {
        self.with(|state| state.elapsed)
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let until = self.monotonic().saturating_add(wait);
        Box::pin(poll_fn(move |cx| {
            clock.with(|state| {
                if state.elapsed >= until {
                    return Poll::Ready(());
                }
                state.sleepers.push(cx.waker().clone());
                Poll::Pending
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Context;

    use super::*;

    #[test]
    fn a_sleeper_wakes_when_its_time_has_come_and_not_before() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let mut sleeper = clock.sleep(Duration::from_secs(10));
        let mut poll = || {
            sleeper
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
        };
        assert_eq!(poll(), Poll::Pending);
        clock.advance(Duration::from_secs(9));
        assert_eq!(poll(), Poll::Pending);
        clock.advance(Duration::from_secs(1));
        assert_eq!(poll(), Poll::Ready(()));
    }
}

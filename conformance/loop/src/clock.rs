//! A clock on which waiting takes no time.
//!
//! When the loop has nothing to do but wait, the clock jumps to where the wait ends; a spin moves it
//! by as much as it would have taken. So the order of a program does not depend on how busy the
//! machine is, and ten thousand programs take seconds.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{
            AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    task::Poll,
    time::Duration,
};

use purlin_base::{
    BoxFuture, Timestamp,
    random::{Rng, SeededRng},
    time::Clock,
};

/// Time that moves only when a program waits or spins. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct VirtualClock(Arc<State>);

#[derive(Debug, Default)]
struct State {
    micros: AtomicU64,
    /// Work on other threads, which takes real time: none passes here meanwhile.
    in_flight: AtomicU64,
    jitter: Option<Jitter>,
}

/// What each look at the clock adds, as if the program had been held up.
#[derive(Debug)]
struct Jitter {
    rng: SeededRng,
    micros_max: u64,
    one_in: u64,
}

impl Jitter {
    fn micros(&self) -> u64 {
        if self.rng.below(self.one_in) > 0 {
            return 0;
        }
        self.rng.below(self.micros_max + 1)
    }
}

impl VirtualClock {
    /// A clock on which one look in `one_in` takes time by itself, up to `max`, as chance has it.
    ///
    /// # Panics
    ///
    /// When `one_in` is 0, at the first look.
    pub fn with_jitter(seed: u64, max: Duration, one_in: u64) -> Self {
        let jitter = Jitter {
            rng: SeededRng::new(seed),
            micros_max: max.as_micros().try_into().unwrap_or(u64::MAX - 1),
            one_in,
        };
        Self(Arc::new(State {
            jitter: Some(jitter),
            ..State::default()
        }))
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        let micros = by.as_micros().try_into().unwrap_or(u64::MAX);
        self.0.micros.fetch_add(micros, SeqCst);
    }

    /// Work on another thread begins, and until [`release`](Self::release) no wait ends by itself.
    pub fn hold(&self) {
        self.0.in_flight.fetch_add(1, SeqCst);
    }

    /// Work on another thread has ended.
    pub fn release(&self) {
        self.0.in_flight.fetch_sub(1, SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH.saturating_add(self.monotonic())
    }

    fn monotonic(&self) -> Duration {
        if let Some(jitter) = &self.0.jitter {
            self.0.micros.fetch_add(jitter.micros(), Relaxed);
        }
        Duration::from_micros(self.0.micros.load(SeqCst))
    }

    fn sleep(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(poll_fn(move |_cx| {
            // What is in flight wakes the loop itself when it has ended.
            if clock.0.in_flight.load(SeqCst) > 0 {
                return Poll::Pending;
            }
            clock.advance(wait);
            Poll::Ready(())
        }))
    }
}

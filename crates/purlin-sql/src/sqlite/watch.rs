//! Stops a statement that runs too long, from within: SQLite asks every few steps.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

/// Steps of SQLite's machine between two looks at the clock: some microseconds.
const STEPS_BETWEEN_LOOKS: i32 = 256;

const UNSET: u64 = u64::MAX;

/// Says whether nobody waits for the answer any more. Asked often, so it is quick.
pub(super) type Abandoned = Box<dyn Fn() -> bool + Send>;

/// When the statement that runs on one connection must stop.
pub(super) struct Watch {
    start: Instant,
    /// Nanoseconds after `start`; [`UNSET`] until the first look if `slice` is given.
    until: AtomicU64,
    /// Nanoseconds from the first look: a statement that ends before it never looks at the clock.
    slice: AtomicU64,
    abandoned: Mutex<Option<Abandoned>>,
}

impl Watch {
    /// Puts a watch on `connection`; nothing is limited yet.
    pub(super) fn put_on(connection: &mut Connection) -> rusqlite::Result<Arc<Self>> {
        let watch = Arc::new(Self {
            start: Instant::now(),
            until: AtomicU64::new(UNSET),
            slice: AtomicU64::new(UNSET),
            abandoned: Mutex::new(None),
        });
        let looking = watch.clone();
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || looking.must_stop()))?;
        Ok(watch)
    }

    /// Limits what runs next to `budget` from the first look.
    pub(super) fn allow(&self, budget: Duration) {
        self.slice.store(nanos(budget), Relaxed);
        self.until.store(UNSET, Relaxed);
    }

    /// Limits what runs next to `deadline`, and to as long as somebody waits for it.
    pub(super) fn allow_until(&self, deadline: Instant, abandoned: Option<Abandoned>) {
        self.until.store(
            nanos(deadline.saturating_duration_since(self.start)),
            Relaxed,
        );
        *self.abandoned.lock().expect("nothing panics here") = abandoned;
    }

    /// Limits nothing.
    pub(super) fn clear(&self) {
        self.slice.store(UNSET, Relaxed);
        self.until.store(UNSET, Relaxed);
        *self.abandoned.lock().expect("nothing panics here") = None;
    }

    fn must_stop(&self) -> bool {
        let now = nanos(self.start.elapsed());
        let until = self.until.load(Relaxed);
        if until == UNSET {
            let slice = self.slice.load(Relaxed);
            self.until.store(now.saturating_add(slice), Relaxed);
            return false;
        }
        now >= until || self.is_abandoned()
    }

    fn is_abandoned(&self) -> bool {
        let abandoned = self.abandoned.lock().expect("nothing panics here");
        abandoned.as_ref().is_some_and(|abandoned| abandoned())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(UNSET)
}

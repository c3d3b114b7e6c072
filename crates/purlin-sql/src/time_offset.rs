//! The database's clock, and what a test adds to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

/// What is added to the database's clock wherever a store reads it: nothing in production. A test
/// moves it, so that leases and waits end without anybody waiting. Clones move together.
///
/// # Examples
///
/// ```
/// use {purlin_sql::TimeOffset, std::time::Duration};
///
/// let offset = TimeOffset::default();
/// offset.clone().advance(Duration::from_secs(60));
/// assert_eq!(offset.micros(), 60_000_000);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TimeOffset(Arc<AtomicI64>);

impl TimeOffset {
    /// Moves the clock forwards.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(micros(by), Relaxed);
    }

    /// Microseconds that are added to the database's clock.
    pub fn micros(&self) -> i64 {
        self.0.load(Relaxed)
    }

    /// What is bound to say: `later` from now.
    pub(crate) fn after(&self, later: Duration) -> i64 {
        self.micros().saturating_add(micros(later))
    }

    /// What is bound to say: `earlier` before now.
    pub(crate) fn before(&self, earlier: Duration) -> i64 {
        self.micros().saturating_sub(micros(earlier))
    }
}

fn micros(time: Duration) -> i64 {
    // Longer than three hundred years is as good as never.
    const NEVER: i64 = 10_000_000_000_000_000;
    i64::try_from(time.as_micros()).unwrap_or(NEVER).min(NEVER)
}

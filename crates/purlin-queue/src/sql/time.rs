//! The store's time, and whether it can be trusted.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_base::time::SharedClock;

/// The lease that jumps of the clock are held against until a shorter one is given.
const LEASE: Duration = Duration::from_secs(30);

/// Where the store's time comes from: the process's clock on SQLite, the server's on Postgres, and
/// what a test adds to either.
pub(super) struct StoreTime {
    clock: SharedClock,
    added: AtomicI64,
    last: Mutex<Option<Seen>>,
}

/// One look at both clocks, in microseconds.
#[derive(Clone, Copy)]
struct Seen {
    wall: i64,
    monotonic: i64,
    /// Nothing is reaped before this monotonic moment.
    hold_until: i64,
}

impl StoreTime {
    /// The server's time, in microseconds since 1970.
    pub(super) const OF_SERVER: &'static str =
        "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

    pub(super) fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            added: AtomicI64::new(0),
            last: Mutex::new(None),
        }
    }

    pub(super) fn advance(&self, by: Duration) {
        self.added.fetch_add(micros(by), Relaxed);
    }

    /// The process's time with what was added to it.
    pub(super) fn of_clock(&self) -> i64 {
        self.shifted(self.clock.now().unix_micros())
    }

    /// The server's time `now` with what was added to it.
    pub(super) fn shifted(&self, now: i64) -> i64 {
        now.saturating_add(self.added.load(Relaxed))
    }

    /// Whether leases may be taken for expired at `now`: not for the time of one `lease` after the
    /// time of day has jumped against the monotonic clock by more than a third of it, since then
    /// every lease may seem to have run out at once.
    pub(super) fn may_reap(&self, now: i64, lease: Duration) -> bool {
        let wall = now.saturating_sub(self.added.load(Relaxed));
        let monotonic = micros(self.clock.monotonic());
        let mut last = self.last.lock().expect("nothing panics here");
        let mut hold_until = i64::MIN;
        if let Some(seen) = *last {
            let jump = (wall - seen.wall) - (monotonic - seen.monotonic);
            hold_until = seen.hold_until;
            if jump.abs() > micros(lease) / 3 {
                tracing::warn!(
                    target: "purlin::queue",
                    jump_ms = jump / 1000,
                    "the clock has jumped: no lease is taken for expired for the time of one"
                );
                hold_until = monotonic.saturating_add(micros(lease));
            }
        }
        *last = Some(Seen {
            wall,
            monotonic,
            hold_until,
        });
        monotonic >= hold_until
    }
}

/// The shortest lease this handle has given.
#[derive(Default)]
pub(super) struct ShortestLease(AtomicI64);

impl ShortestLease {
    pub(super) fn note(&self, lease: Duration) {
        let lease = micros(lease).max(1);
        let known = self.0.load(Relaxed);
        if known == 0 || lease < known {
            self.0.store(lease, Relaxed);
        }
    }

    pub(super) fn get(&self) -> Duration {
        match self.0.load(Relaxed) {
            0 => LEASE,
            lease => Duration::from_micros(lease.unsigned_abs()),
        }
    }
}

/// Whole microseconds, at most some three hundred years.
pub(super) fn micros(time: Duration) -> i64 {
    const NEVER: i64 = 10_000_000_000_000_000;
    i64::try_from(time.as_micros()).unwrap_or(NEVER).min(NEVER)
}

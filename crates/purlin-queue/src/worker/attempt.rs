//! One attempt of one job, as everything that has to do with it shares it.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::store::{Lease, Renewal};

/// Why an attempt was told to stop. The first reason stays, but that a lease is lost outweighs all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Nobody has told it.
    None = 0,
    /// Somebody does not want the job any more.
    Cancelled = 1,
    /// It took longer than it may.
    TimedOut = 2,
    /// The worker stops.
    Stopping = 3,
    /// The job is no longer its own.
    Lost = 4,
}

impl Halt {
    fn of(number: u8) -> Self {
        match number {
            1 => Self::Cancelled,
            2 => Self::TimedOut,
            3 => Self::Stopping,
            4 => Self::Lost,
            _ => Self::None,
        }
    }
}

/// One attempt of one job.
pub(crate) struct Attempt {
    /// Tells the attempts of a worker apart.
    pub(crate) slot: u64,
    pub(crate) lease: Lease,
    /// Fires when the attempt is to stop, for whatever reason.
    pub(crate) token: CancellationToken,
    /// Fires when its lease is lost.
    pub(crate) lost: CancellationToken,
    halt: AtomicU8,
    /// By the worker's monotonic clock, in microseconds.
    good_until: AtomicU64,
    /// The processor has ended it within a transaction of its own.
    ended_within: AtomicBool,
    /// It has ended here, and the store is being told.
    has_ended: AtomicBool,
}

impl Attempt {
    pub(crate) fn new(slot: u64, lease: Lease, good_until: Duration) -> Self {
        Self {
            slot,
            lease,
            token: CancellationToken::new(),
            lost: CancellationToken::new(),
            halt: AtomicU8::new(Halt::None as u8),
            good_until: AtomicU64::new(micros(good_until)),
            ended_within: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
        }
    }

    /// Tells it to stop.
    pub(crate) fn halt(&self, why: Halt) {
        let stays = |now: u8| match (Halt::of(now), why) {
            (Halt::None, _) | (_, Halt::Lost) => Some(why as u8),
            _ => None,
        };
        let _ = self.halt.fetch_update(SeqCst, SeqCst, stays);
        if why == Halt::Lost {
            self.lost.cancel();
        }
        self.token.cancel();
    }

    /// Why it was told to stop.
    pub(crate) fn halted(&self) -> Halt {
        Halt::of(self.halt.load(SeqCst))
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.halted() == Halt::Lost
    }

    /// Until when the lease is known to be good, by the worker's monotonic clock.
    pub(crate) fn good_until(&self) -> Duration {
        Duration::from_micros(self.good_until.load(SeqCst))
    }

    pub(crate) fn set_ended_within(&self) {
        self.ended_within.store(true, SeqCst);
    }

    pub(crate) fn ended_within(&self) -> bool {
        self.ended_within.load(SeqCst)
    }

    pub(crate) fn set_ended(&self) {
        self.has_ended.store(true, SeqCst);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(SeqCst)
    }

    fn renewed(&self, until: Duration) {
        self.good_until.store(micros(until), SeqCst);
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("lease", &self.lease)
            .field("halted", &self.halted())
            .finish_non_exhaustive()
    }
}

/// Every attempt of a worker whose lease it holds: running, waiting for a free place, or ended and
/// not yet known to the store.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<u64, Arc<Attempt>>>);

impl Attempts {
    pub(crate) fn insert(&self, attempt: &Arc<Attempt>) {
        self.lock().insert(attempt.slot, Arc::clone(attempt));
    }

    pub(crate) fn remove(&self, slot: u64) {
        self.lock().remove(&slot);
    }

    /// Tells a job to stop.
    pub(crate) fn cancel_job(&self, id: &str) {
        for attempt in self.lock().values().filter(|it| it.lease.id == id) {
            attempt.halt(Halt::Cancelled);
        }
    }

    pub(crate) fn halt_all(&self, why: Halt) {
        for attempt in self.lock().values() {
            attempt.halt(why);
        }
    }

    /// Those whose lease runs out at `by` or earlier.
    pub(crate) fn due(&self, by: Duration) -> Vec<Arc<Attempt>> {
        let held = self.lock();
        let due = held
            .values()
            .filter(|it| it.good_until() <= by && !it.is_lost() && !it.ended_within());
        due.cloned().collect()
    }

    /// Gives up those whose lease has run out by our own count: another attempt may have begun.
    pub(crate) fn expire(&self, now: Duration) {
        for attempt in self.due(now) {
            attempt.halt(Halt::Lost);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Attempt>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes in what the store said to a renewal that was sent when `until` was a lease away.
pub(crate) fn take_in(attempt: &Attempt, renewal: Renewal, until: Duration) {
    match renewal {
        Renewal::Kept => attempt.renewed(until),
        Renewal::CancelRequested => {
            attempt.renewed(until);
            attempt.halt(Halt::Cancelled);
        }
        // One that was completed in a transaction has no lease any more, and that is no loss.
        Renewal::Lost if attempt.ended_within() => {}
        Renewal::Lost => attempt.halt(Halt::Lost),
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

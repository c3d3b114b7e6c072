//! What a limit has done, for metrics.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) allowed: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) store_failures: AtomicU64,
    pub(super) without_store: AtomicU64,
    pub(super) away: AtomicBool,
}

/// What a limit has done since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitSnapshot {
    /// Checks that let pass.
    pub allowed: u64,
    /// Checks that refused, for want of quota or of the store.
    pub refused: u64,
    /// Calls of the shared store that failed.
    pub store_failures: u64,
    /// Checks that were decided without the shared store, because it was away.
    pub without_store: u64,
    /// Whether the shared store is away now, as far as is known.
    pub away: bool,
}

impl Counters {
    pub(super) fn snapshot(&self) -> LimitSnapshot {
        LimitSnapshot {
            allowed: self.allowed.load(Relaxed),
            refused: self.refused.load(Relaxed),
            store_failures: self.store_failures.load(Relaxed),
            without_store: self.without_store.load(Relaxed),
            away: self.away.load(Relaxed),
        }
    }

    pub(super) fn count(&self, allowed: bool) {
        let counter = if allowed {
            &self.allowed
        } else {
            &self.refused
        };
        counter.fetch_add(1, Relaxed);
    }
}

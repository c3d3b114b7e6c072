//! Says of nearly every address that is freed, without a lock, that it is no sample.
//!
//! It counts, for each hash, the samples that have it. Whoever frees an address was given it by
//! whoever allocated it, and so sees what that thread wrote before: it finds the count of its own
//! sample, whatever other threads do to the same count.

use super::sync::atomic::{AtomicU16, Ordering::Relaxed};

/// Counts by hash. `SIZE` is a power of two, and at most 32768.
pub(super) struct Filter<const SIZE: usize>([AtomicU16; SIZE]);

impl<const SIZE: usize> Filter<SIZE> {
    /// Of counts that are all 0.
    pub(super) const fn of(counts: [AtomicU16; SIZE]) -> Self {
        Self(counts)
    }

    /// Whether a sample may have this hash; if not, none has.
    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.count(hash).load(Relaxed) != 0
    }

    /// There is a sample of this hash, or one more.
    pub(super) fn add(&self, hash: u64) {
        self.count(hash).fetch_add(1, Relaxed);
    }

    /// A sample of this hash is gone.
    pub(super) fn remove(&self, hash: u64) {
        self.count(hash).fetch_sub(1, Relaxed);
    }

    #[inline]
    fn count(&self, hash: u64) -> &AtomicU16 {
        // The upper bits are the better ones.
        &self.0[(hash >> 49) as usize % SIZE]
    }
}

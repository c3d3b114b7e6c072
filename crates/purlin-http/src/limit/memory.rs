//! Counts in this process, in a table that never grows.
//!
//! Keys are known by a hash with a secret of this process, so nobody can choose two that fall
//! together. There are twice as many places as keys: 44 bytes a key, claimed from the system
//! only once they are used.
//!
//! Where there is no place for a new key, the one of its six that is forgotten soonest makes room.
//! That is whoever used least, so a flood of new keys pushes out its own kind and not a caller who is
//! being refused.

mod table;

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use purlin_base::{
    BoxFuture,
    time::{SharedClock, SystemClock},
};

use self::table::Table;
use super::{Decision, LimitStore, Quota, StoreAway, StoreKey, algorithm::step, quota::micros};

/// Most parts of the table, each behind a lock of its own: as many as six bits of the hash tell apart.
const SHARDS_MAX: usize = 64;
/// Fewest keys of a shard: a larger one is not filled so unevenly.
const SHARD_KEYS_MIN: usize = 1_024;

/// Counts in this process. Bounded; cheap to share by `Arc`.
pub struct MemoryStore {
    /// A power of two of them.
    shards: Box<[Mutex<Table>]>,
    hasher: RandomState,
    clock: SharedClock,
    evictions: AtomicU64,
}

impl MemoryStore {
    /// Keys, unless told otherwise.
    pub const KEYS_MAX_DEFAULT: usize = 100_000;
    /// Bytes that each key of `keys_max` takes.
    pub const BYTES_PER_KEY: usize = 2 * Table::BYTES_PER_PLACE;

    /// A store for [`KEYS_MAX_DEFAULT`](Self::KEYS_MAX_DEFAULT) keys by the machine's clock.
    pub fn new() -> Self {
        Self::with(Self::KEYS_MAX_DEFAULT, std::sync::Arc::new(SystemClock))
    }

    /// A store for `keys_max` keys (256 to 100 million, else the nearest) by `clock`.
    pub fn with(keys_max: usize, clock: SharedClock) -> Self {
        let keys = keys_max.clamp(256, 100_000_000);
        let shards = (keys / SHARD_KEYS_MIN).clamp(1, SHARDS_MAX);
        let shards = 1 << shards.ilog2();
        let places = (2 * keys).div_ceil(shards);
        Self {
            shards: (0..shards)
                .map(|_| Mutex::new(Table::new(places)))
                .collect(),
            hasher: RandomState::new(),
            clock,
            evictions: AtomicU64::new(0),
        }
    }

    /// Keys that were forgotten before their time since the start, because the table was full.
    pub fn evictions(&self) -> u64 {
        self.evictions.load(Relaxed)
    }

    /// Takes `cost` from what `key` has left of `quota`, or refuses and takes nothing. A quota that is
    /// out of its bounds is held to them.
    pub fn take(&self, key: StoreKey<'_>, quota: &Quota, cost: u32) -> Decision {
        let now = micros(self.clock.monotonic());
        let hash = self.hasher.hash_one(key);
        let mut table = self.shard(hash);
        let (found, known) = table.get(hash);
        let (decision, changed) = step(quota, known, now, cost);
        if let Some(state) = changed
            && table.put(hash, found, state, now)
        {
            self.evictions.fetch_add(1, Relaxed);
        }
        decision
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Table> {
        let shard = &self.shards[(hash >> 58) as usize & (self.shards.len() - 1)];
        // Nothing panics while it holds the lock; and if it did, the numbers are still numbers.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore")
            .field("evictions", &self.evictions())
            .finish_non_exhaustive()
    }
}

impl LimitStore for MemoryStore {
    fn take<'a>(
        &'a self,
        key: StoreKey<'a>,
        quota: &'a Quota,
        cost: u32,
    ) -> BoxFuture<'a, Result<Decision, StoreAway>> {
        Box::pin(async move { Ok(self.take(key, quota, cost)) })
    }
}

//! Counts in this process, in a table that never grows.
//!
//! Keys are known by a hash with a secret of this process, so nobody can choose two that fall
//! together. Two keys are counted as one if their tags of 46 bits and their places are alike. The
//! chance that this befalls any two of a million keys is 1 in 18 million, of fewer less, of a hundred
//! million 1 in 1800.
//!
//! There are seven places for five keys. A place takes 13 bytes, and 8 more where a window counts in
//! it: 18 bytes a key by GCRA, 30 by windows, claimed from the system only once they are used.
//!
//! Where there is no place for a new key, the one of its ten that is forgotten soonest makes room.
//! That is whoever used least, so a flood of new keys pushes out its own kind and not a caller who is
//! being refused.

mod fetch;
mod table;

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_base::{
    BoxFuture,
    time::{SharedClock, SystemClock},
};

use self::table::{Map, Table};
use super::{
    Algorithm, Decision, LimitStore, Quota, StoreAway, StoreKey, algorithm::step, quota::micros,
};

/// Most parts of the table, each behind a lock of its own: as many as six bits of the hash tell apart.
const SHARDS_MAX: usize = 64;
/// Fewest keys of a shard: a larger one is not filled so unevenly.
const SHARD_KEYS_MIN: usize = 1_024;
/// Places for so many keys: what a shard gets beyond its share of the keys needs room too.
const PLACES: (usize, usize) = (7, 5);

/// Counts in this process. Bounded; cheap to share by `Arc`.
pub struct MemoryStore {
    /// A power of two of them.
    shards: Box<[Shard]>,
    hasher: RandomState,
    clock: SharedClock,
    /// When it was made, by the clock: places tell times after it.
    origin: Duration,
    evictions: AtomicU64,
}

struct Shard {
    map: Map,
    table: Mutex<Table>,
}

impl Shard {
    fn new(places: usize) -> Self {
        let table = Table::new(places);
        Self {
            map: table.map(),
            table: Mutex::new(table),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing panics while it holds the lock; and if it did, the numbers are still numbers.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryStore {
    /// Keys, unless told otherwise.
    pub const KEYS_MAX_DEFAULT: usize = 100_000;
    /// Bytes that each key of `keys_max` takes, at most.
    pub const BYTES_PER_KEY: usize = Table::bytes(PLACES.0).div_ceil(PLACES.1);

    /// A store for [`KEYS_MAX_DEFAULT`](Self::KEYS_MAX_DEFAULT) keys by the machine's clock.
    pub fn new() -> Self {
        Self::with(Self::KEYS_MAX_DEFAULT, std::sync::Arc::new(SystemClock))
    }

    /// A store for `keys_max` keys (256 to 100 million, else the nearest) by `clock`.
    pub fn with(keys_max: usize, clock: SharedClock) -> Self {
        let keys = keys_max.clamp(256, 100_000_000);
        let shards = (keys / SHARD_KEYS_MIN).clamp(1, SHARDS_MAX);
        let shards = 1 << shards.ilog2();
        let places = (keys * PLACES.0).div_ceil(shards * PLACES.1);
        Self {
            shards: (0..shards).map(|_| Shard::new(places)).collect(),
            hasher: RandomState::new(),
            origin: clock.monotonic(),
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
        let hash = self.hasher.hash_one(key);
        let shard = &self.shards[(hash >> 58) as usize & (self.shards.len() - 1)];
        // The memory of a key is far away: it is asked for now, and comes while the clock is read.
        shard.map.fetch(hash, quota.counted_by() != Algorithm::Gcra);
        let now = micros(self.clock.monotonic().saturating_sub(self.origin));
        let mut table = shard.lock();
        let (found, known) = table.get(hash);
        let (decision, changed) = step(quota, known, now, cost);
        if let Some(state) = changed
            && table.put(hash, found, state, now)
        {
            self.evictions.fetch_add(1, Relaxed);
        }
        decision
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

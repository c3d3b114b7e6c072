//! Counts in this process, in a table that never grows.
//!
//! A key may stand in one of two buckets of eight places, 24 bytes each. Keys are known by a hash
//! with a secret of this process, so nobody can choose two that fall together. There are twice as
//! many places as keys: 48 bytes a key, claimed from the system only once they are used.
//!
//! Where both buckets are full the key that is forgotten soonest makes room. That is whoever used
//! least, so a flood of new keys pushes out its own kind and not a caller who is being refused.

use std::{
    hash::{BuildHasher, RandomState},
    hint::black_box,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use purlin_base::{
    BoxFuture,
    time::{SharedClock, SystemClock},
};

use super::{
    Decision, LimitStore, Quota, StoreAway, StoreKey,
    algorithm::{State, step},
    quota::micros,
};

/// Places of a bucket.
const WAYS: usize = 8;
/// Ways of its first bucket that a new key leaves free, rather than go to its second.
const SPARE: usize = 2;
/// Parts of the table, each behind a lock of its own.
const SHARDS: usize = 64;

/// Hashes, then an expiry and counts for each: a search reads one line of the cache, and a hit one
/// more. Plain numbers, so that the system hands out zeroed memory without touching it.
type Bucket = [u64; 3 * WAYS];

/// A place: which bucket, and which of its ways.
type Place = (usize, usize);

/// Counts in this process. Bounded; cheap to share by `Arc`.
pub struct MemoryStore {
    shards: Box<[Mutex<Vec<Bucket>>]>,
    hasher: RandomState,
    clock: SharedClock,
    evictions: AtomicU64,
}

impl MemoryStore {
    /// Keys, unless told otherwise.
    pub const KEYS_MAX_DEFAULT: usize = 100_000;
    /// Bytes that each key of `keys_max` takes.
    pub const BYTES_PER_KEY: usize = 2 * size_of::<Bucket>() / WAYS;

    /// A store for [`KEYS_MAX_DEFAULT`](Self::KEYS_MAX_DEFAULT) keys by the machine's clock.
    pub fn new() -> Self {
        Self::with(Self::KEYS_MAX_DEFAULT, std::sync::Arc::new(SystemClock))
    }

    /// A store for `keys_max` keys (256 to 100 million, else the nearest) by `clock`.
    pub fn with(keys_max: usize, clock: SharedClock) -> Self {
        let keys = keys_max.clamp(256, 100_000_000);
        let buckets = (2 * keys).div_ceil(SHARDS * WAYS);
        let shard = || Mutex::new(vec![[0; 3 * WAYS]; buckets]);
        Self {
            shards: (0..SHARDS).map(|_| shard()).collect(),
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
        let mut buckets = self.shard(hash);
        let (place, known) = match find(&buckets, hash) {
            Some(place) => (place, read(&buckets, place)),
            None => (room(&buckets, hash, now), State::default()),
        };
        let (decision, changed) = step(quota, known, now, cost);
        if let Some(state) = changed {
            if self.overwrites(&buckets, place, hash, now) {
                self.evictions.fetch_add(1, Relaxed);
            }
            write(&mut buckets, place, hash, state);
        }
        decision
    }

    fn overwrites(&self, buckets: &[Bucket], (bucket, way): Place, hash: u64, now: u64) -> bool {
        let held = &buckets[bucket];
        held[way] != hash && held[expiry(way)] > now
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Vec<Bucket>> {
        let shard = &self.shards[(hash >> 58) as usize];
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

/// The two buckets of a hash.
fn homes(hash: u64, buckets: usize) -> [usize; 2] {
    // The upper half of a product spreads 32 bits over any number of buckets, without a division.
    let home = |bits: u64| (((bits & 0xFFFF_FFFF) * buckets as u64) >> 32) as usize;
    [home(hash), home(hash >> 26)]
}

fn find(buckets: &[Bucket], hash: u64) -> Option<Place> {
    homes(hash, buckets.len()).into_iter().find_map(|bucket| {
        let held = &buckets[bucket];
        // What a hit reads next is fetched while the hashes are still on their way.
        black_box((held[expiry(0)], held[expiry(WAYS / 2)]));
        // All are compared, without a branch that would be guessed wrongly.
        let hits = (0..WAYS).fold(0, |hits, way| hits | u32::from(held[way] == hash) << way);
        (hits != 0).then_some((bucket, hits.trailing_zeros() as usize))
    })
}

/// A place for a new key: in its first bucket, or the emptier of its two once that fills up, so that
/// both are full only when the table nearly is; where there is none, the place that is forgotten soonest.
fn room(buckets: &[Bucket], hash: u64, now: u64) -> Place {
    let [first, second] = homes(hash, buckets.len());
    let ways = |bucket: usize| (0..WAYS).map(move |way| (bucket, way));
    let ends = |(bucket, way): Place| buckets[bucket][expiry(way)];
    let free = |bucket: usize| ways(bucket).filter(|it| ends(*it) <= now).count();
    // Most keys stand in their first bucket: only those that do not cost a second search.
    let (emptier, other) = match free(first) > SPARE || free(first) >= free(second) {
        true => (first, second),
        false => (second, first),
    };
    let all = ways(emptier).chain(ways(other));
    ways(emptier)
        .find(|it| ends(*it) <= now)
        .or_else(|| all.min_by_key(|it| ends(*it)))
        .unwrap_or((emptier, 0))
}

/// Where the expiry of a way stands; its counts follow.
const fn expiry(way: usize) -> usize {
    WAYS + 2 * way
}

fn read(buckets: &[Bucket], (bucket, way): Place) -> State {
    let held = &buckets[bucket];
    let counts = held[expiry(way) + 1];
    State {
        expiry: held[expiry(way)],
        current: counts as u32,
        previous: (counts >> 32) as u32,
    }
}

fn write(buckets: &mut [Bucket], (bucket, way): Place, hash: u64, state: State) {
    let held = &mut buckets[bucket];
    held[way] = hash;
    held[expiry(way)] = state.expiry;
    held[expiry(way) + 1] = u64::from(state.current) | (u64::from(state.previous) << 32);
}

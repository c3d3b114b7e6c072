//! A cache that cannot become a leak: bounded in entries, weight and age.
//!
//! A map that things are put into and never taken out of is the most common leak there is. This
//! one lets go of what was unused longest when it is full, and of everything after its time; who
//! misses together loads once.

use std::{
    fmt,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_base::{live::LiveCounter, time::SharedClock};

use crate::sync;

mod builder;
mod entries;
mod flight;

pub use builder::CacheBuilder;

use entries::Entries;
use flight::Flights;

/// A bounded cache. Clones are the same cache.
///
/// Values are cloned out of it: put large ones into an `Arc`. Its entries are counted in
/// [`purlin_base::live`] under the line that built it. One lock guards it, and is held for a
/// fraction of a microsecond, also while what had to go is dropped: a value must not use its cache
/// when it is dropped. No task runs in the background.
///
/// # Examples
///
/// ```
/// use std::{convert::Infallible, time::Duration};
/// use purlin_diagnostics::Cache;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let titles: Cache<u64, String> =
///     Cache::builder().entries_max(1_000).ttl(Duration::from_secs(60)).build()?;
/// let load = async || Ok::<_, Infallible>("Emma".to_owned());
/// assert_eq!(titles.get_or_load(&7, load).await?, "Emma");
/// assert_eq!(titles.get(&7).as_deref(), Some("Emma"));
/// titles.remove(&7); // The title has been changed.
/// assert_eq!(titles.stats().entries, 0);
/// # Ok(()) }
/// ```
pub struct Cache<K, V>(Arc<Inner<K, V>>);

struct Inner<K, V> {
    entries: Mutex<Entries<K, V>>,
    flights: Flights<K>,
    weigh: Weigh<K, V>,
    ttl: Duration,
    clock: SharedClock,
    counter: LiveCounter,
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
}

type Weigh<K, V> = Box<dyn Fn(&K, &V) -> u64 + Send + Sync>;

/// What a cache holds and has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// Entries, those included that have expired and were not yet let go of.
    pub entries: usize,
    /// What they weigh together.
    pub weight: u64,
    /// Lookups that found something.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
    /// Entries that had to go before their time.
    pub evictions: u64,
}

impl<K, V> Cache<K, V>
where
    K: Clone + Eq + Hash,
    V: Clone,
{
    /// Begins a cache; see [`CacheBuilder`] for what can be set and the defaults.
    pub fn builder() -> CacheBuilder<K, V> {
        CacheBuilder::default()
    }

    /// What is kept for `key`.
    pub fn get(&self, key: &K) -> Option<V> {
        let found = self.peek(key);
        let counter = match found {
            Some(_) => &self.0.hits,
            None => &self.0.misses,
        };
        counter.fetch_add(1, Relaxed);
        found
    }

    /// Keeps `value` for `key`, in the place of what was there. What weighs more than the whole
    /// cache may is not kept, and what was there is gone all the same.
    pub fn insert(&self, key: K, value: V) {
        self.0.flights.void(&key);
        self.keep(key, value, || true);
    }

    /// Lets go of what is kept for `key`, and gives it. What is being loaded for it now was read
    /// before: it goes to those who wait for it, and is not kept.
    pub fn remove(&self, key: &K) -> Option<V> {
        self.0.flights.void(key);
        self.change(|entries, _| entries.remove(key))
    }

    /// What is kept for `key`; else what `load` gives, which is then kept. While one loads, others
    /// who want the same wait for it.
    ///
    /// # Errors
    ///
    /// That of `load`. It is told to the caller whose `load` it was; whoever waited tries with a
    /// `load` of its own, one after the other.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops its `load`; one of those who wait goes on with theirs.
    pub async fn get_or_load<E, L>(&self, key: &K, load: L) -> Result<V, E>
    where
        L: AsyncFnOnce() -> Result<V, E>,
    {
        if let Some(value) = self.get(key) {
            return Ok(value);
        }
        let flight = self.0.flights.join(key);
        let _turn = flight.turn().await;
        if let Some(value) = self.peek(key) {
            return Ok(value);
        }
        let value = load().await?;
        self.keep(key.clone(), value.clone(), || !flight.is_void());
        Ok(value)
    }

    /// Lets go of everything.
    pub fn clear(&self) {
        self.0.flights.void_all();
        self.change(|entries, _| entries.clear());
    }

    /// What it holds and has done.
    pub fn stats(&self) -> CacheStats {
        let entries = self.entries();
        CacheStats {
            entries: entries.len(),
            weight: entries.weight(),
            hits: self.0.hits.load(Relaxed),
            misses: self.0.misses.load(Relaxed),
            evictions: self.0.evictions.load(Relaxed),
        }
    }

    fn peek(&self, key: &K) -> Option<V> {
        self.change(|entries, now| entries.get(key, now))
    }

    /// Keeps `value` if `is_good` then, which is asked under the lock: whoever says that it is not
    /// any more looks at the entries afterwards.
    fn keep(&self, key: K, value: V, is_good: impl FnOnce() -> bool) {
        let weight = (self.0.weigh)(&key, &value);
        let ttl = self.0.ttl;
        let evicted = self.change(|entries, now| match is_good() {
            true => entries.insert(key, value, weight, now.saturating_add(ttl), now),
            false => 0,
        });
        self.0.evictions.fetch_add(evicted, Relaxed);
    }

    /// Uses the entries at the time it is now, and keeps the count of those alive.
    fn change<T>(&self, change: impl FnOnce(&mut Entries<K, V>, Duration) -> T) -> T {
        let mut entries = self.entries();
        // Read under the lock, so that time never runs backwards for the entries.
        let now = self.0.clock.monotonic();
        let before = entries.len();
        let changed = change(&mut entries, now);
        let after = entries.len();
        drop(entries);
        self.0.counter.add(after.saturating_sub(before) as u64);
        self.0.counter.remove(before.saturating_sub(after) as u64);
        changed
    }

    fn entries(&self) -> MutexGuard<'_, Entries<K, V>> {
        self.0
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Drop for Inner<K, V> {
    fn drop(&mut self) {
        let entries = self
            .entries
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        self.counter.remove(entries.len() as u64);
    }
}

impl<K, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    /// Nothing of what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

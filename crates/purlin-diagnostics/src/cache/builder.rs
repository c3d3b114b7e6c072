//! What can be set on a cache.

use std::{
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use purlin_base::{
    live::{LiveCounter, LiveKind},
    time::{Clock, SharedClock, SystemClock},
};

use super::{Cache, Entries, Flights, Inner, Weigh};
use crate::DiagnosticsError;

/// Makes a [`Cache`]. Every option is checked by [`build`](Self::build).
#[must_use = "call `build`"]
pub struct CacheBuilder<K, V> {
    entries_max: usize,
    weight_max: u64,
    weigh: Weigh<K, V>,
    ttl: Duration,
    clock: SharedClock,
}

impl<K, V> Default for CacheBuilder<K, V> {
    fn default() -> Self {
        Self {
            entries_max: 10_000,
            weight_max: u64::MAX,
            weigh: Box::new(|_, _| 1),
            ttl: Duration::from_secs(300),
            clock: Arc::new(SystemClock),
        }
    }
}

impl<K, V> CacheBuilder<K, V>
where
    K: Clone + Eq + Hash,
    V: Clone,
{
    /// Entries that are kept at most: 1 to 100 000 000. Default: 10 000.
    pub fn entries_max(mut self, entries: usize) -> Self {
        self.entries_max = entries;
        self
    }

    /// What all entries may weigh together, as `weigh` says of each: bytes, mostly. At least 1.
    /// Default: entries are counted alone.
    pub fn weight_max(
        mut self,
        weight: u64,
        weigh: impl Fn(&K, &V) -> u64 + Send + Sync + 'static,
    ) -> Self {
        self.weight_max = weight;
        self.weigh = Box::new(weigh);
        self
    }

    /// How long an entry is good after it was put in: 1 ms to 30 days. Default: 5 min.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// Where time comes from; what counts is [`Clock::monotonic`]. Default: [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Checks every option, then makes the cache. Its entries are counted under the line that
    /// calls this.
    ///
    /// # Errors
    ///
    /// [`DiagnosticsError::Option`] for the first option out of its bounds.
    #[track_caller]
    pub fn build(self) -> Result<Cache<K, V>, DiagnosticsError> {
        self.check()?;
        Ok(Cache(Arc::new(Inner {
            entries: Mutex::new(Entries::new(self.entries_max, self.weight_max)),
            flights: Flights::default(),
            weigh: self.weigh,
            ttl: self.ttl,
            clock: self.clock,
            counter: LiveCounter::here(LiveKind::CacheEntry),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evictions: AtomicU64::new(0),
        })))
    }

    fn check(&self) -> Result<(), DiagnosticsError> {
        let refuse = |option, given, expected| {
            Err(DiagnosticsError::Option {
                option,
                given,
                expected,
            })
        };
        if !(1..=100_000_000).contains(&self.entries_max) {
            return refuse(
                "entries_max",
                self.entries_max.to_string(),
                "1 to 100000000",
            );
        }
        if self.weight_max == 0 {
            return refuse("weight_max", "0".to_owned(), "1 or more");
        }
        let month = Duration::from_secs(30 * 86_400);
        if !(Duration::from_millis(1)..=month).contains(&self.ttl) {
            return refuse("ttl", format!("{:?}", self.ttl), "1 ms to 30 days");
        }
        Ok(())
    }
}

impl<K, V> fmt::Debug for CacheBuilder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("entries_max", &self.entries_max)
            .field("weight_max", &self.weight_max)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

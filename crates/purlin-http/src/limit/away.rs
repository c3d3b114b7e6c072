//! A shared store that may be away, and what is done then.
//!
//! After a failure the store is left alone for a second: one caller then tries it again, while the
//! others are answered without it. So an absent store costs one timeout a second, not one a request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_base::time::SharedClock;

use super::{
    Decision, LimitError, LimitStore, MemoryStore, Quota, StoreAway, StoreKey, counters::Counters,
    quota::micros,
};

/// What a limit does while its shared store is away. Each change is logged once, and shows in
/// [`LimitSnapshot`](super::LimitSnapshot).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenAway {
    /// Each process limits alone, from an empty table. The default.
    #[default]
    Local,
    /// Everything passes.
    Open,
    /// Everything is refused, with 503.
    Closed,
}

/// Between two tries of a store that is away.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// Keys of the table that stands in.
const LOCAL_KEYS_MAX: usize = 65_536;

pub(super) struct Shared {
    store: Arc<dyn LimitStore>,
    when_away: WhenAway,
    local: Option<MemoryStore>,
    clock: SharedClock,
    /// When to try again, in microseconds; 0 while the store answers.
    try_at: AtomicU64,
}

impl Shared {
    pub(super) fn new(store: Arc<dyn LimitStore>, when_away: WhenAway, clock: SharedClock) -> Self {
        let stands_in = when_away == WhenAway::Local;
        let local = stands_in.then(|| MemoryStore::with(LOCAL_KEYS_MAX, Arc::clone(&clock)));
        Self {
            store,
            when_away,
            local,
            clock,
            try_at: AtomicU64::new(0),
        }
    }

    pub(super) async fn take(
        &self,
        key: StoreKey<'_>,
        quota: &Quota,
        cost: u32,
        counters: &Counters,
    ) -> Result<Decision, LimitError> {
        if self.may_try() {
            match self.store.take(key, quota, cost).await {
                Ok(decision) => {
                    self.note_back(key.limit, counters);
                    return Ok(decision);
                }
                Err(fault) => self.note_away(key.limit, &fault, counters),
            }
        }
        counters.without_store.fetch_add(1, Relaxed);
        match (&self.local, self.when_away) {
            (Some(local), _) => Ok(local.take(key, quota, cost)),
            (None, WhenAway::Closed) => Err(LimitError::Unavailable),
            (None, _) => Ok(Decision::uncounted(quota.limit())),
        }
    }

    /// Whether this caller is to ask the store: all are while it answers, else one a second.
    fn may_try(&self) -> bool {
        let at = self.try_at.load(Relaxed);
        if at == 0 {
            return true;
        }
        let now = self.now();
        let next = now + micros(TRY_EVERY);
        now >= at
            && self
                .try_at
                .compare_exchange(at, next, Relaxed, Relaxed)
                .is_ok()
    }

    fn now(&self) -> u64 {
        micros(self.clock.monotonic())
    }

    fn note_away(&self, limit: &str, fault: &StoreAway, counters: &Counters) {
        counters.store_failures.fetch_add(1, Relaxed);
        let next = self.now() + micros(TRY_EVERY);
        self.try_at.store(next, Relaxed);
        if !counters.away.swap(true, Relaxed) {
            let cause = fault.0.to_string();
            let until_back = match self.when_away {
                WhenAway::Local => "each process limits alone",
                WhenAway::Open => "everything passes",
                WhenAway::Closed => "everything is refused",
            };
            tracing::warn!(target: "purlin_http::limit", limit, cause, until_back, "the store of rate limits is away");
        }
    }

    fn note_back(&self, limit: &str, counters: &Counters) {
        // Both are looked at: an answer and a failure at once may leave only one of them set.
        if self.try_at.load(Relaxed) == 0 && !counters.away.load(Relaxed) {
            return;
        }
        self.try_at.store(0, Relaxed);
        if counters.away.swap(false, Relaxed) {
            tracing::info!(target: "purlin_http::limit", limit, "the store of rate limits is back");
        }
    }
}

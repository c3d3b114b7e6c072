//! The key-value engine in memory.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use super::{
    Capabilities, Claim, Entry, KeyValue, KvError, Version, check_key, check_keys, check_ttl,
    check_value,
};
use crate::{BoxFuture, time::SharedClock};

mod builder;
mod shard;

pub use builder::{MemoryStoreBuilder, MemoryStoreError};

use shard::Shard;

/// What a full store does with one entry more, once everything that has expired is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnFull {
    /// Refuses it with [`KvError::Full`]: nothing is forgotten before its time. The right one for
    /// deny-lists, idempotency and locks, where a forgotten entry opens a door.
    #[default]
    Refuse,
    /// Drops the entries that have been unused longest. The right one for caches.
    EvictOldest,
}

/// A store in the memory of this process. Bounded in entries and in bytes.
///
/// An entry counts as its key, its value and 128 bytes. Large stores are divided into shards, each
/// with a lock and an equal part of both bounds, so that such a store may be full a few per cent
/// before its bound; a store of up to 2047 entries is never divided, and its bound is exact.
/// Expired entries are let go of as others are written; no task runs in the background.
///
/// # Examples
///
/// ```
/// use {purlin_base::kv::{Claim, KeyValue, MemoryStore}, std::time::Duration};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let store = MemoryStore::builder().entries_max(1_000).build()?;
/// let minute = Some(Duration::from_secs(60));
/// assert!(matches!(store.set_if_absent("lock:7", b"a", minute).await?, Claim::Set(_)));
/// assert!(matches!(store.set_if_absent("lock:7", b"b", minute).await?, Claim::Present(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MemoryStore {
    clock: SharedClock,
    /// Keyed by chance, so that nobody can choose keys that meet in one shard.
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
    last_version: AtomicU64,
    on_full: OnFull,
    value_bytes_max: usize,
}

impl MemoryStore {
    /// Begins a store; see [`MemoryStoreBuilder`] for what can be set and the defaults.
    pub fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder::default()
    }

    /// Entries in the store, those included that have expired and are not yet let go of.
    pub fn entries(&self) -> usize {
        self.sum(Shard::entries)
    }

    /// Bytes that the entries count as.
    pub fn bytes(&self) -> usize {
        self.sum(Shard::bytes)
    }

    fn sum(&self, of: impl Fn(&Shard) -> usize) -> usize {
        let shards = self.shards.iter();
        shards
            .map(|shard| of(&shard.lock().expect(UNPOISONED)))
            .sum()
    }

    /// Uses the shard of `key`, at the time it is now.
    fn with<T>(&self, key: &str, use_shard: impl FnOnce(&mut Shard, Duration) -> T) -> T {
        let index = self.hasher.hash_one(key) as usize % self.shards.len();
        let mut shard = self.shards[index].lock().expect(UNPOISONED);
        // Read under the lock, so that time never runs backwards within a shard.
        let now = self.clock.monotonic();
        use_shard(&mut shard, now)
    }

    fn next_version(&self) -> Version {
        Version::from_number(self.last_version.fetch_add(1, Relaxed) + 1)
    }

    /// Writes `value` if `wanted` says so of what is there now; `Err` of what was there if not.
    fn write_if<T>(
        &self,
        key: &str,
        value: &[u8],
        ttl: Option<Duration>,
        wanted: impl FnOnce(Option<Entry>) -> Result<(), T>,
    ) -> Result<Result<Version, T>, KvError> {
        check_key(key)?;
        check_value(value, self.value_bytes_max)?;
        let ttl = check_ttl(ttl)?;
        self.with(key, |shard, now| {
            if let Err(refused) = wanted(shard.get(key, now)) {
                return Ok(Err(refused));
            }
            let version = self.next_version();
            let expires_at = ttl.map(|ttl| now.saturating_add(ttl));
            shard.put(key, Arc::from(value), version, expires_at, now)?;
            Ok(Ok(version))
        })
    }

    fn delete_when(&self, key: &str, wanted: impl FnOnce(&Entry) -> bool) -> Result<bool, KvError> {
        check_key(key)?;
        Ok(self.with(key, |shard, now| {
            let found = shard.get(key, now).is_some_and(|entry| wanted(&entry));
            if found {
                shard.remove(key);
            }
            found
        }))
    }

    fn add(&self, key: &str, by: i64, ttl: Option<Duration>) -> Result<i64, KvError> {
        check_key(key)?;
        let ttl = check_ttl(ttl)?;
        self.with(key, |shard, now| {
            let (sum, ttl) = match shard.get(key, now) {
                None => (by, ttl),
                Some(entry) => {
                    let sum = number(&entry.value)?.checked_add(by);
                    (sum.ok_or(KvError::Overflow)?, entry.ttl_left)
                }
            };
            let value = Arc::from(sum.to_string().into_bytes());
            let expires_at = ttl.map(|ttl| now.saturating_add(ttl));
            shard.put(key, value, self.next_version(), expires_at, now)?;
            Ok(sum)
        })
    }
}

const UNPOISONED: &str = "nothing panics while it holds a shard";

/// The number that `value` is the only decimal text of: no sign for plus, no leading zeros.
fn number(value: &[u8]) -> Result<i64, KvError> {
    let text = std::str::from_utf8(value).map_err(|_| KvError::NotANumber)?;
    let number: i64 = text.parse().map_err(|_| KvError::NotANumber)?;
    (number.to_string() == text)
        .then_some(number)
        .ok_or(KvError::NotANumber)
}

impl KeyValue for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.value_bytes_max).evicts(self.on_full == OnFull::EvictOldest)
    }

    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>, KvError>> {
        Box::pin(async move {
            check_key(key)?;
            Ok(self.with(key, |shard, now| shard.get(key, now)))
        })
    }

    fn get_many<'a>(
        &'a self,
        keys: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Option<Entry>>, KvError>> {
        Box::pin(async move {
            check_keys(keys)?;
            let read = |key: &&str| self.with(key, |shard, now| shard.get(key, now));
            Ok(keys.iter().map(read).collect())
        })
    }

    fn set<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<Version, KvError>> {
        Box::pin(async move {
            let set = self.write_if(key, value, ttl, |_| Ok::<_, std::convert::Infallible>(()))?;
            let Ok(version) = set;
            Ok(version)
        })
    }

    fn set_if_absent<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<Claim, KvError>> {
        Box::pin(async move {
            let absent = |found: Option<Entry>| found.map_or(Ok(()), Err);
            Ok(match self.write_if(key, value, ttl, absent)? {
                Ok(version) => Claim::Set(version),
                Err(present) => Claim::Present(present),
            })
        })
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        version: Version,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<Option<Version>, KvError>> {
        Box::pin(async move {
            let same = |found: Option<Entry>| match found {
                Some(entry) if entry.version == version => Ok(()),
                _ => Err(()),
            };
            Ok(self.write_if(key, value, ttl, same)?.ok())
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KvError>> {
        Box::pin(async move { self.delete_when(key, |_| true) })
    }

    fn delete_if<'a>(
        &'a self,
        key: &'a str,
        version: Version,
    ) -> BoxFuture<'a, Result<bool, KvError>> {
        Box::pin(async move { self.delete_when(key, |entry| entry.version == version) })
    }

    fn increment<'a>(
        &'a self,
        key: &'a str,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<i64, KvError>> {
        Box::pin(async move { self.add(key, by, ttl) })
    }

    fn expire<'a>(
        &'a self,
        key: &'a str,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<bool, KvError>> {
        Box::pin(async move {
            check_key(key)?;
            let ttl = check_ttl(ttl)?;
            Ok(self.with(key, |shard, now| {
                let expires_at = ttl.map(|ttl| now.saturating_add(ttl));
                shard.expire(key, expires_at, now)
            }))
        })
    }
}

impl fmt::Debug for MemoryStore {
    /// Shows how full the store is, and nothing of what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("entries", &self.entries())
            .field("bytes", &self.bytes())
            .field("on_full", &self.on_full)
            .finish_non_exhaustive()
    }
}

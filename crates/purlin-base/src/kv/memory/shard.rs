//! One part of a store in memory: plain state, no lock and no clock.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use super::OnFull;
use crate::kv::{Entry, KvError, Version};

/// Invariants: `expiry` holds exactly the entries with an end, `recency` exactly all entries if
/// the shard evicts and none if it refuses, `bytes` is the sum of what the entries count as.
pub(super) struct Shard {
    entries: HashMap<Arc<str>, Stored>,
    expiry: BTreeSet<(Duration, Arc<str>)>,
    recency: BTreeMap<u64, Arc<str>>,
    last_use: u64,
    bytes: usize,
    entries_max: usize,
    bytes_max: usize,
    on_full: OnFull,
}

struct Stored {
    value: Arc<[u8]>,
    version: Version,
    expires_at: Option<Duration>,
    used: u64,
}

impl Shard {
    /// What an entry counts as beside its key and value.
    pub(super) const ENTRY_BYTES: usize = 128;

    /// How many expired entries each write lets go of, when there is room. More than one, so that
    /// a store that is written to gets rid of them faster than they come.
    const EXPIRED_PER_WRITE: usize = 2;

    pub(super) fn new(entries_max: usize, bytes_max: usize, on_full: OnFull) -> Self {
        Self {
            entries: HashMap::new(),
            expiry: BTreeSet::new(),
            recency: BTreeMap::new(),
            last_use: 0,
            bytes: 0,
            entries_max,
            bytes_max,
            on_full,
        }
    }

    pub(super) fn entries(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What is under `key` at `now`; counts as a use of it.
    pub(super) fn get(&mut self, key: &str, now: Duration) -> Option<Entry> {
        if self.entries.get(key)?.has_expired(now) {
            self.remove(key);
            return None;
        }
        self.note_use(key);
        let stored = self.entries.get(key)?;
        Some(Entry {
            value: Arc::clone(&stored.value),
            version: stored.version,
            ttl_left: stored.expires_at.map(|at| at.saturating_sub(now)),
        })
    }

    /// Puts `value` under `key`; what was there stays if there is no room.
    pub(super) fn put(
        &mut self,
        key: &str,
        value: Arc<[u8]>,
        version: Version,
        expires_at: Option<Duration>,
        now: Duration,
    ) -> Result<(), KvError> {
        self.let_go_of_expired(now, Self::EXPIRED_PER_WRITE);
        self.make_room(key, value.len(), now)?;
        self.remove(key);
        let key: Arc<str> = key.into();
        self.bytes += Self::size(&key, value.len());
        if let Some(at) = expires_at {
            self.expiry.insert((at, Arc::clone(&key)));
        }
        let stored = Stored {
            value,
            version,
            expires_at,
            used: 0,
        };
        self.entries.insert(Arc::clone(&key), stored);
        self.note_use(&key);
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &str) {
        let Some((key, stored)) = self.entries.remove_entry(key) else {
            return;
        };
        self.bytes -= Self::size(&key, stored.value.len());
        self.recency.remove(&stored.used);
        if let Some(at) = stored.expires_at {
            self.expiry.remove(&(at, key));
        }
    }

    /// Sets the end of what is under `key`; whether something is there at `now`.
    pub(super) fn expire(
        &mut self,
        key: &str,
        expires_at: Option<Duration>,
        now: Duration,
    ) -> bool {
        if self.get(key, now).is_none() {
            return false;
        }
        let Some((name, stored)) = self.entries.get_key_value(key) else {
            return false;
        };
        let name = Arc::clone(name);
        if let Some(before) = stored.expires_at {
            self.expiry.remove(&(before, Arc::clone(&name)));
        }
        if let Some(at) = expires_at {
            self.expiry.insert((at, name));
        }
        if let Some(stored) = self.entries.get_mut(key) {
            stored.expires_at = expires_at;
        }
        true
    }

    fn size(key: &str, value_bytes: usize) -> usize {
        Self::ENTRY_BYTES + key.len() + value_bytes
    }

    /// Makes room for `key` with a value of `value_bytes`: expired entries go first, then, if the
    /// shard evicts, those that have been unused longest.
    fn make_room(&mut self, key: &str, value_bytes: usize, now: Duration) -> Result<(), KvError> {
        if self.has_room(key, value_bytes) {
            return Ok(());
        }
        self.let_go_of_expired(now, usize::MAX);
        while !self.has_room(key, value_bytes) {
            // Never `key` itself: what it holds now counts as free already.
            let mut oldest = self.recency.values().filter(|oldest| &***oldest != key);
            let oldest = oldest.next().cloned().ok_or(KvError::Full)?;
            self.remove(&oldest);
        }
        Ok(())
    }

    fn has_room(&self, key: &str, value_bytes: usize) -> bool {
        let (entries, bytes) = match self.entries.get(key) {
            Some(replaced) => (1, Self::size(key, replaced.value.len())),
            None => (0, 0),
        };
        self.entries.len() - entries < self.entries_max
            && self.bytes - bytes + Self::size(key, value_bytes) <= self.bytes_max
    }

    fn let_go_of_expired(&mut self, now: Duration, entries_max: usize) {
        for _ in 0..entries_max {
            match self.expiry.first() {
                Some((at, key)) if *at <= now => {
                    let key = Arc::clone(key);
                    self.remove(&key);
                }
                _ => return,
            }
        }
    }

    fn note_use(&mut self, key: &str) {
        if self.on_full == OnFull::Refuse {
            return;
        }
        let Some((name, _)) = self.entries.get_key_value(key) else {
            return;
        };
        let name = Arc::clone(name);
        self.last_use += 1;
        let used = self.last_use;
        if let Some(stored) = self.entries.get_mut(key) {
            self.recency.remove(&stored.used);
            stored.used = used;
        }
        self.recency.insert(used, name);
    }
}

impl Stored {
    fn has_expired(&self, now: Duration) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

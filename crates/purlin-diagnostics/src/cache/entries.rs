//! The entries of a cache: by key, by last use and by age.
//!
//! Pure data: no clock, no lock. All entries live equally long, so that the order in which they
//! were put in is the order in which they expire.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    time::Duration,
};

/// Invariant: an entry stands in all three maps, under its own numbers, or in none.
pub(super) struct Entries<K, V> {
    by_key: HashMap<K, Entry<V>>,
    by_use: BTreeMap<u64, K>,
    by_age: BTreeMap<u64, K>,
    next: u64,
    weight: u64,
    entries_max: usize,
    weight_max: u64,
}

struct Entry<V> {
    value: V,
    weight: u64,
    expires_at: Duration,
    used: u64,
    made: u64,
}

impl<K, V> Entries<K, V> {
    pub(super) fn new(entries_max: usize, weight_max: u64) -> Self {
        Self {
            by_key: HashMap::new(),
            by_use: BTreeMap::new(),
            by_age: BTreeMap::new(),
            next: 0,
            weight: 0,
            entries_max,
            weight_max,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn weight(&self) -> u64 {
        self.weight
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Entries<K, V> {
    pub(super) fn get(&mut self, key: &K, now: Duration) -> Option<V> {
        let used = self.number();
        let entry = self.by_key.get_mut(key)?;
        if entry.expires_at <= now {
            self.remove(key);
            return None;
        }
        let before = std::mem::replace(&mut entry.used, used);
        let value = entry.value.clone();
        if let Some(key) = self.by_use.remove(&before) {
            self.by_use.insert(used, key);
        }
        Some(value)
    }

    /// Gives how many others had to go for it.
    pub(super) fn insert(
        &mut self,
        key: K,
        value: V,
        weight: u64,
        expires_at: Duration,
        now: Duration,
    ) -> u64 {
        self.remove(&key);
        self.expire(now);
        if weight > self.weight_max {
            return 0;
        }
        let evicted = self.make_room(weight);
        let (used, made) = (self.number(), self.number());
        self.weight += weight;
        self.by_use.insert(used, key.clone());
        self.by_age.insert(made, key.clone());
        let entry = Entry {
            value,
            weight,
            expires_at,
            used,
            made,
        };
        self.by_key.insert(key, entry);
        evicted
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let entry = self.by_key.remove(key)?;
        self.by_use.remove(&entry.used);
        self.by_age.remove(&entry.made);
        self.weight -= entry.weight;
        Some(entry.value)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.entries_max, self.weight_max);
    }

    /// Lets go of what has expired.
    fn expire(&mut self, now: Duration) {
        while let Some((_, oldest)) = self.by_age.first_key_value() {
            let has_expired = self
                .by_key
                .get(oldest)
                .is_none_or(|it| it.expires_at <= now);
            if !has_expired {
                return;
            }
            let oldest = oldest.clone();
            self.remove(&oldest);
        }
    }

    /// Lets go of what was unused longest, until there is room for one entry of this weight.
    fn make_room(&mut self, weight: u64) -> u64 {
        let mut evicted = 0;
        while self.len() >= self.entries_max || self.weight > self.weight_max - weight {
            let Some((_, unused)) = self.by_use.first_key_value() else {
                break;
            };
            let unused = unused.clone();
            self.remove(&unused);
            evicted += 1;
        }
        evicted
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

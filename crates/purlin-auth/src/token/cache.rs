//! What is remembered of tokens that were verified.
//!
//! Only good tokens are kept, whole, so that nobody can put in what they have no key for. They are
//! found by a keyed hash (SipHash with a key of this process) and compared in full: a collision
//! costs one place, never a wrong answer. Each shard is a clock: who was asked for since the hand
//! last came by is spared once.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use purlin_base::Timestamp;

use super::VerifiedToken;

/// Fewer entries than this are kept in one shard: there the bounds are exact.
const ENTRIES_OF_ONE_SHARD: usize = 1024;
const SHARDS: usize = 16;
/// What an entry takes beside its token: counted too much rather than too little.
const ENTRY_BYTES: usize = 512;

pub(super) struct Cache {
    keys: RandomState,
    shards: Box<[Mutex<Shard>]>,
    entries_max: usize,
    bytes_max: usize,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<u64, Entry, BuildHasherDefault<Identity>>,
    /// The hash of each entry, once, in the order in which they are looked at when room is needed.
    order: VecDeque<u64>,
    bytes: usize,
}

struct Entry {
    token: Box<str>,
    verified: Arc<VerifiedToken>,
    good: Good,
    asked_for: bool,
}

/// How long an entry is good.
#[derive(Clone, Copy)]
pub(super) struct Good {
    /// With the keys of which generation.
    pub(super) generation: u64,
    /// From when on no longer.
    pub(super) until: Timestamp,
}

impl Cache {
    /// Room for `entries_max` tokens and `bytes_max` bytes; both are shared out evenly.
    pub(super) fn new(entries_max: usize, bytes_max: usize) -> Self {
        let shards = if entries_max < ENTRIES_OF_ONE_SHARD {
            1
        } else {
            SHARDS
        };
        Self {
            keys: RandomState::new(),
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            entries_max: entries_max / shards,
            bytes_max: bytes_max / shards,
        }
    }

    /// What is remembered of `token`, if it is good at `now` with the keys of `generation`.
    pub(super) fn get(
        &self,
        hash: u64,
        token: &str,
        generation: u64,
        now: Timestamp,
    ) -> Option<Arc<VerifiedToken>> {
        let mut shard = self.shard(hash);
        let entry = shard.entries.get_mut(&hash)?;
        let good =
            &*entry.token == token && entry.good.generation == generation && now < entry.good.until;
        if !good {
            return None;
        }
        entry.asked_for = true;
        Some(Arc::clone(&entry.verified))
    }

    pub(super) fn put(&self, hash: u64, token: &str, verified: Arc<VerifiedToken>, good: Good) {
        let cost = cost(token);
        if self.entries_max == 0 || cost > self.bytes_max {
            return;
        }
        let mut shard = self.shard(hash);
        shard.make_room(self.entries_max - 1, self.bytes_max - cost, good);
        let entry = Entry {
            token: token.into(),
            verified,
            good,
            asked_for: false,
        };
        match shard.entries.insert(hash, entry) {
            Some(replaced) => shard.bytes -= self::cost(&replaced.token),
            None => shard.order.push_back(hash),
        }
        shard.bytes += cost;
    }

    pub(super) fn hash(&self, token: &str) -> u64 {
        self.keys.hash_one(token)
    }

    /// How many tokens are remembered, and how many bytes that is counted as.
    pub(super) fn size(&self) -> (usize, usize) {
        let sizes = self.shards.iter().map(|shard| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            (shard.entries.len(), shard.bytes)
        });
        sizes.fold((0, 0), |(entries, bytes), of| {
            (entries + of.0, bytes + of.1)
        })
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // The upper bits: the table inside uses the lower ones.
        let at = (hash >> 48) as usize % self.shards.len();
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    /// Lets entries go until there are at most `entries` with `bytes`.
    fn make_room(&mut self, entries: usize, bytes: usize, newest: Good) {
        while self.entries.len() > entries || self.bytes > bytes {
            let Some(hash) = self.order.pop_front() else {
                return;
            };
            let spared = self.entries.get_mut(&hash).is_some_and(|entry| {
                let current = entry.good.generation == newest.generation;
                std::mem::take(&mut entry.asked_for) && current
            });
            if spared {
                self.order.push_back(hash);
            } else if let Some(entry) = self.entries.remove(&hash) {
                self.bytes -= cost(&entry.token);
            }
        }
    }
}

/// The token, its claims once more, and what holds them.
fn cost(token: &str) -> usize {
    2 * token.len() + ENTRY_BYTES
}

/// The keys of the table are hashes already.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use purlin_base::Principal;

    use super::*;

    /// Nobody can make two tokens of one hash from outside: so it is done here.
    #[test]
    fn two_tokens_of_one_hash_are_told_apart_and_share_one_place() {
        let cache = Cache::new(8, 1 << 20);
        let now = Timestamp::UNIX_EPOCH;
        let good = Good {
            generation: 1,
            until: Timestamp::from_unix_micros(1),
        };
        let verified = |id: &str| {
            Arc::new(VerifiedToken {
                principal: Principal::new(id, ["reader"]),
                id: id.into(),
                family: None,
                issued_at: now,
                expires_at: now,
            })
        };
        cache.put(7, "one", verified("1"), good);
        assert!(cache.get(7, "one", 1, now).is_some());
        assert_eq!(cache.get(7, "other", 1, now), None);
        cache.put(7, "other", verified("2"), good);
        assert_eq!(cache.get(7, "one", 1, now), None);
        assert_eq!(*cache.get(7, "other", 1, now).unwrap().id, *"2");
        assert_eq!(cache.size(), (1, cost("other")));
    }
}

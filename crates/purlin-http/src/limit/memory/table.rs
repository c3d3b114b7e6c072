//! The table of one shard: a bounded hash table of counts that never grows.
//!
//! A key may stand in one of two buckets of three places. A bucket is one line of the cache, so that
//! a check waits for memory once. What is kept of a key is a tag of 42 bits, from which, and from
//! either of its buckets, follows the other: so a key may be moved to make room for one more.

use super::super::algorithm::State;

/// Places of a bucket.
const WAYS: usize = 3;
/// Words of a bucket: the tags of its places, then an expiry and counts for each.
const WORDS: usize = 2 + 2 * WAYS;
/// Words of a line of the cache.
const LINE: usize = 8;
const _: () = assert!(WORDS == LINE);

/// Keys that are moved at most to make room for one: enough for as many keys as are promised.
const MOVES_MAX: usize = 2;

const TAG_BITS: usize = 42;
const TAG: u128 = (1 << TAG_BITS) - 1;
/// The same tag at every place of a bucket.
const EVERY: u128 = 1 | 1 << TAG_BITS | 1 << (2 * TAG_BITS);

type Bucket = [u64; WORDS];

/// A place: which bucket, and which of its ways.
type Place = (usize, usize);

/// What a hash is found by.
#[derive(Clone, Copy)]
struct Name {
    tag: u64,
    home: usize,
}

/// Plain numbers, so that the system hands out zeroed memory without touching it.
pub(super) struct Table {
    words: Vec<u64>,
    /// Where the first line of the cache begins.
    start: usize,
    buckets: usize,
}

impl Table {
    /// Bytes of `places` places.
    pub(super) const BYTES_PER_PLACE: usize = size_of::<Bucket>().div_ceil(WAYS);

    pub(super) fn new(places: usize) -> Self {
        let buckets = places.div_ceil(WAYS).max(1);
        let words = vec![0; buckets * WORDS + LINE];
        let start = words.as_ptr().align_offset(size_of::<Bucket>()).min(LINE);
        Self {
            words,
            start,
            buckets,
        }
    }

    /// What is known of the key of `hash`. Its upper six bits are not looked at.
    pub(super) fn get(&self, hash: u64) -> (Option<Found>, State) {
        let name = self.name(hash);
        match self.find(name) {
            Some(place) => (Some(Found(place)), self.read(place)),
            None => (None, State::default()),
        }
    }

    /// Writes what is known of the key of `hash`, where it was found or in a place of its own.
    /// Returns whether another key had to be forgotten before its time.
    pub(super) fn put(&mut self, hash: u64, found: Option<Found>, state: State, now: u64) -> bool {
        let name = self.name(hash);
        let (place, forgets) = match found {
            Some(Found(place)) => (place, false),
            None => self.room(name, now),
        };
        self.write(place, name.tag, state);
        forgets
    }

    fn name(&self, hash: u64) -> Name {
        Name {
            tag: hash & TAG as u64,
            // Bits of which the tag knows the lowest only.
            home: reduce(hash >> 26, self.buckets),
        }
    }

    /// The other bucket of a tag that may stand in `bucket`, and back again.
    fn other(&self, tag: u64, bucket: usize) -> usize {
        let sum = reduce(tag, self.buckets) + self.buckets - bucket;
        if sum < self.buckets {
            sum
        } else {
            sum - self.buckets
        }
    }

    fn find(&self, name: Name) -> Option<Place> {
        self.find_in(name.home, name.tag)
            .or_else(|| self.find_in(self.other(name.tag, name.home), name.tag))
    }

    fn find_in(&self, bucket: usize, tag: u64) -> Option<Place> {
        let differ = tags(self.bucket(bucket)) ^ (u128::from(tag) * EVERY);
        (0..WAYS)
            .find(|way| (differ >> (way * TAG_BITS)) & TAG == 0)
            .map(|way| (bucket, way))
    }

    /// A place for a new key in one of its buckets; where there is none, that of the key which is
    /// forgotten soonest, and whether it was.
    fn room(&mut self, name: Name, now: u64) -> (Place, bool) {
        let homes = [name.home, self.other(name.tag, name.home)];
        let vacated = (0..=MOVES_MAX)
            .flat_map(|moves| homes.map(|home| (home, moves)))
            .find_map(|(home, moves)| self.vacate(home, now, moves));
        if let Some(place) = vacated {
            return (place, false);
        }
        let places = homes
            .into_iter()
            .flat_map(|home| (0..WAYS).map(move |way| (home, way)));
        let soonest = places.min_by_key(|place| self.read(*place).expiry);
        (soonest.unwrap_or((name.home, 0)), true)
    }

    /// A free place of a bucket, if need be by moving up to `moves` keys, each to its other bucket.
    fn vacate(&mut self, bucket: usize, now: u64, moves: usize) -> Option<Place> {
        if let Some(place) = self.free(bucket, now) {
            return Some(place);
        }
        let fewer = moves.checked_sub(1)?;
        (0..WAYS).map(|way| (bucket, way)).find_map(|from| {
            let to = self.vacate(self.elsewhere(from), now, fewer)?;
            self.write(to, self.tag(from), self.read(from));
            Some(from)
        })
    }

    fn free(&self, bucket: usize, now: u64) -> Option<Place> {
        (0..WAYS)
            .map(|way| (bucket, way))
            .find(|place| self.read(*place).expiry <= now)
    }

    /// The other bucket of the key that stands at a place.
    fn elsewhere(&self, place: Place) -> usize {
        self.other(self.tag(place), place.0)
    }

    fn tag(&self, (bucket, way): Place) -> u64 {
        ((tags(self.bucket(bucket)) >> (way * TAG_BITS)) & TAG) as u64
    }

    fn read(&self, (bucket, way): Place) -> State {
        let held = self.bucket(bucket);
        let counts = held[3 + 2 * way];
        State {
            expiry: held[2 + 2 * way],
            current: counts as u32,
            previous: (counts >> 32) as u32,
        }
    }

    fn write(&mut self, (bucket, way): Place, tag: u64, state: State) {
        let at = self.start + bucket * WORDS;
        let held = &mut self.words[at..at + WORDS];
        let shift = way * TAG_BITS;
        let all = u128::from(held[0]) | u128::from(held[1]) << 64;
        let all = all & !(TAG << shift) | u128::from(tag) << shift;
        held[0] = all as u64;
        held[1] = (all >> 64) as u64;
        held[2 + 2 * way] = state.expiry;
        held[3 + 2 * way] = u64::from(state.current) | u64::from(state.previous) << 32;
    }

    fn bucket(&self, bucket: usize) -> &[u64] {
        let at = self.start + bucket * WORDS;
        &self.words[at..at + WORDS]
    }
}

/// Where a key was found; good until the table is written to.
pub(super) struct Found(Place);

fn tags(bucket: &[u64]) -> u128 {
    u128::from(bucket[0]) | u128::from(bucket[1]) << 64
}

/// Spreads the lower 32 bits over `buckets`. The upper half of a product does it without a division.
fn reduce(bits: u64, buckets: usize) -> usize {
    (((bits & 0xFFFF_FFFF) * buckets as u64) >> 32) as usize
}

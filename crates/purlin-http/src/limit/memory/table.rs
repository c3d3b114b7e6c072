//! The table of one shard: a bounded hash table of counts that never grows.
//!
//! A key may stand in one of two buckets of five places. A bucket is one line of the cache, so that
//! a check waits for memory once; a place in it is twelve bytes, so that a million keys fit into the
//! cache that is shared between processors. What is kept of a key is a tag, from which, and from
//! either of its buckets, follows the other: so a key may be moved to make room for one more.
//!
//! Counts of windows stand beside the lines, one for each place. GCRA has none, and never looks there.

use super::{super::algorithm::State, fetch};

mod line;

use line::{LINE, Line, TAG_BITS, WAYS};

/// Keys that are moved at most to make room for one: enough for as many keys as are promised.
const MOVES_MAX: usize = 2;

/// Bytes of the counts of one place.
const COUNTS_BYTES: usize = size_of::<[u32; 2]>();

/// A place: which bucket, and which of its ways.
type Place = (usize, usize);

/// What a hash is found by.
#[derive(Clone, Copy)]
struct Name {
    tag: u64,
    home: usize,
}

impl Name {
    fn of(hash: u64, buckets: usize) -> Self {
        Self {
            tag: hash & ((1 << TAG_BITS) - 1),
            // Bits of which the tag knows the lower ones only.
            home: reduce(hash >> 26, buckets),
        }
    }
}

/// Where the lines and counts of a table begin.
pub(super) struct Map {
    lines: usize,
    counts: usize,
    buckets: usize,
}

impl Map {
    /// Begins to fetch what a look for the key of `hash` will read: both of its lines, and the counts
    /// that stand beside the first if there are any.
    pub(super) fn fetch(&self, hash: u64, has_counts: bool) {
        let name = Name::of(hash, self.buckets);
        let line = |bucket: usize| self.lines + bucket * size_of::<Line>();
        fetch::begin(line(name.home));
        fetch::begin(line(other(name.tag, name.home, self.buckets)));
        if has_counts {
            let counts = self.counts + name.home * WAYS * COUNTS_BYTES;
            fetch::begin(counts);
            fetch::begin(counts + (WAYS - 1) * COUNTS_BYTES);
        }
    }
}

/// Plain numbers, so that the system hands out zeroed memory without touching it.
pub(super) struct Table {
    words: Vec<u32>,
    /// Where the first line of the cache begins.
    start: usize,
    buckets: usize,
    /// Used in this window and in the one before, for each place.
    counts: Vec<[u32; 2]>,
}

impl Table {
    /// Bytes of `places` places, counts included.
    pub(super) const fn bytes(places: usize) -> usize {
        (places * size_of::<Line>()).div_ceil(WAYS) + places * COUNTS_BYTES
    }

    pub(super) fn new(places: usize) -> Self {
        let buckets = places.div_ceil(WAYS).max(1);
        let words = vec![0; buckets * LINE + LINE];
        let start = words.as_ptr().align_offset(size_of::<Line>()).min(LINE);
        Self {
            words,
            start,
            buckets,
            counts: vec![[0; 2]; buckets * WAYS],
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

    /// Where everything is: known without the lock, since nothing is ever moved.
    pub(super) fn map(&self) -> Map {
        Map {
            lines: self.words[self.start..].as_ptr().addr(),
            counts: self.counts.as_ptr().addr(),
            buckets: self.buckets,
        }
    }

    fn name(&self, hash: u64) -> Name {
        Name::of(hash, self.buckets)
    }

    /// The other bucket of a tag that may stand in `bucket`, and back again.
    fn other(&self, tag: u64, bucket: usize) -> usize {
        other(tag, bucket, self.buckets)
    }

    fn find(&self, name: Name) -> Option<Place> {
        self.find_in(name.home, name.tag)
            .or_else(|| self.find_in(self.other(name.tag, name.home), name.tag))
    }

    fn find_in(&self, bucket: usize, tag: u64) -> Option<Place> {
        line::find(self.line(bucket), tag).map(|way| (bucket, way))
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
        let soonest = places.min_by_key(|(bucket, way)| line::expiry(self.line(*bucket), *way));
        (soonest.unwrap_or((name.home, 0)), true)
    }

    /// A free place of a bucket, if need be by moving up to `moves` keys, each to its other bucket.
    fn vacate(&mut self, bucket: usize, now: u64, moves: usize) -> Option<Place> {
        let line = self.line(bucket);
        if let Some(way) = (0..WAYS).find(|way| line::expiry(line, *way) <= now) {
            return Some((bucket, way));
        }
        let fewer = moves.checked_sub(1)?;
        (0..WAYS).map(|way| (bucket, way)).find_map(|from| {
            let tag = line::tag(self.line(bucket), from.1);
            let to = self.vacate(self.other(tag, bucket), now, fewer)?;
            self.write(to, tag, self.read(from));
            Some(from)
        })
    }

    fn read(&self, (bucket, way): Place) -> State {
        let line = self.line(bucket);
        let [current, previous] = match line::has_counts(line, way) {
            true => self.counts[bucket * WAYS + way],
            false => [0; 2],
        };
        State {
            expiry: line::expiry(line, way),
            current,
            previous,
        }
    }

    fn write(&mut self, (bucket, way): Place, tag: u64, state: State) {
        let counts = [state.current, state.previous];
        let has_counts = counts != [0; 2];
        if has_counts {
            self.counts[bucket * WAYS + way] = counts;
        }
        let (lines, _) = self.words[self.start..].as_chunks_mut();
        line::set(&mut lines[bucket], way, tag, state.expiry, has_counts);
    }

    fn line(&self, bucket: usize) -> &Line {
        &self.words[self.start..].as_chunks().0[bucket]
    }
}

/// Where a key was found; good until the table is written to.
pub(super) struct Found(Place);

/// The other bucket of a tag that may stand in `bucket`, of so many.
fn other(tag: u64, bucket: usize, buckets: usize) -> usize {
    let sum = reduce(tag, buckets) + buckets - bucket;
    if sum < buckets { sum } else { sum - buckets }
}

/// Spreads the lower 32 bits over `buckets`. The upper half of a product does it without a division.
fn reduce(bits: u64, buckets: usize) -> usize {
    (((bits & 0xFFFF_FFFF) * buckets as u64) >> 32) as usize
}

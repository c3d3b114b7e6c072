//! What a loop is doing now, written by its thread and read by the watchdog's.
//!
//! One store for each callback: no lock, and no look at the clock, which would cost more than a
//! tick does. A place in the source is told by a number, which a small cache of the loop's thread
//! knows for the places that were used last.

use std::{cell::Cell, collections::HashMap, sync::Arc};

use super::{
    Origin,
    callback::Place,
    sync::{
        Mutex, MutexGuard,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Release},
        },
    },
};

/// What the two threads share.
#[derive(Default)]
pub(super) struct Pulse {
    /// The number of the callback that runs, and the number of its place; 0 while none does.
    callback: AtomicU64,
    /// The number of the drain that goes on; 0 while none does.
    drain: AtomicU64,
    places: Mutex<Places>,
}

/// The side of the loop's thread.
pub(super) struct Beats {
    pulse: Arc<Pulse>,
    count: Cell<u64>,
    cache: [Cell<Option<(Key, u16)>>; CACHED],
}

/// A place in memory, and the queue: what tells one kind of callback from another.
type Key = (usize, u8);

/// Places whose number is at hand.
const CACHED: usize = 64;

/// The places seen so far: as many as the program has lines that hand a callback to a loop.
#[derive(Default)]
struct Places {
    numbers: HashMap<Key, u16>,
    known: Vec<Known>,
}

/// Who a callback is.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) origin: Origin,
    pub(super) place: Place,
    pub(super) name: &'static str,
}

/// A look at a loop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Beat {
    /// Counts callbacks; 0 while none runs.
    pub(super) callback: u64,
    /// Counts drains; 0 while none goes on.
    pub(super) drain: u64,
    place: u16,
}

const PLACE_BITS: u32 = 16;

impl Beats {
    pub(super) fn new(pulse: Arc<Pulse>) -> Self {
        Self {
            pulse,
            count: Cell::new(0),
            cache: [const { Cell::new(None) }; CACHED],
        }
    }

    /// A callback begins.
    #[inline]
    pub(super) fn begin(&self, origin: Origin, place: Place, name: impl FnOnce() -> &'static str) {
        let key = (std::ptr::from_ref(place).addr(), origin as u8);
        let cached = &self.cache[(key.0 >> 3) % CACHED];
        let number = match cached.get() {
            Some((known, number)) if known == key => number,
            _ => {
                let number = self.pulse.number_of(
                    key,
                    Known {
                        origin,
                        place,
                        name: name(),
                    },
                );
                cached.set(Some((key, number)));
                number
            }
        };
        let beat = self.next() << PLACE_BITS | u64::from(number);
        self.pulse.callback.store(beat, Release);
    }

    /// No callback runs: the loop waits, or is between two turns.
    #[inline]
    pub(super) fn rest(&self) {
        self.pulse.callback.store(0, Release);
    }

    #[inline]
    pub(super) fn drain_begins(&self) {
        self.pulse.drain.store(self.next(), Release);
    }

    #[inline]
    pub(super) fn drain_ends(&self) {
        self.pulse.drain.store(0, Release);
    }

    #[inline]
    fn next(&self) -> u64 {
        let next = self.count.get() + 1;
        self.count.set(next);
        next
    }
}

impl Pulse {
    pub(super) fn look(&self) -> Beat {
        let drain = self.drain.load(Acquire);
        let callback = self.callback.load(Acquire);
        Beat {
            callback: callback >> PLACE_BITS,
            drain,
            place: (callback & u64::from(u16::MAX)) as u16,
        }
    }

    pub(super) fn known(&self, beat: Beat) -> Option<Known> {
        let places = self.places();
        places
            .known
            .get(usize::from(beat.place).checked_sub(1)?)
            .copied()
    }

    /// The number of a place, from 1; 0 once there are more than can be told apart.
    #[cold]
    fn number_of(&self, key: Key, known: Known) -> u16 {
        let mut places = self.places();
        if let Some(number) = places.numbers.get(&key) {
            return *number;
        }
        let number = u16::try_from(places.known.len() + 1).unwrap_or(0);
        if number > 0 {
            places.known.push(known);
            places.numbers.insert(key, number);
        }
        number
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places
            .lock()
            .expect("nothing panics while it holds the places")
    }
}

//! Identifiers that sort by the time of their making.

use std::sync::{Arc, Mutex};

use uuid::Uuid;

use crate::{
    random::{OsRng, Rng},
    time::{Clock, SystemClock},
};

/// Makes UUIDs of version 7: each is greater than every one made before by the same maker.
///
/// Across processes the order is that of the clocks, to the millisecond. Within a process the
/// order holds even if the clock is set back: the maker then stays at the latest time it has seen.
///
/// # Source
///
/// RFC 9562 §6.2, method 2 (monotonic random): the 74 random bits are read as a counter that grows
/// by a random step within a millisecond.
///
/// # Examples
///
/// ```
/// use purlin_base::id::IdMaker;
///
/// let ids = IdMaker::default();
/// let (first, second) = (ids.make(), ids.make());
/// assert!(first < second);
/// ```
#[derive(Clone)]
pub struct IdMaker {
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    last: Arc<Mutex<Last>>,
}

/// The 48 bits of time and the 74 bits of chance of the last identifier.
#[derive(Clone, Copy, Default)]
struct Last {
    unix_millis: u64,
    counter: u128,
}

const COUNTER_BITS: u32 = 74;

impl Default for IdMaker {
    /// A maker with the machine's clock and the operating system's chance.
    fn default() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(OsRng))
    }
}

impl IdMaker {
    /// A maker that takes time and chance from outside.
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self {
            clock,
            rng,
            last: Arc::default(),
        }
    }

    /// The next identifier.
    pub fn make(&self) -> Uuid {
        let now = u64::try_from(self.clock.now().unix_millis()).unwrap_or(0);
        let mut last = self
            .last
            .lock()
            .expect("nothing panics while it holds the counter");
        *last = self.after(*last, now);
        compose(*last)
    }

    fn after(&self, last: Last, now: u64) -> Last {
        if now > last.unix_millis {
            return Last {
                unix_millis: now,
                counter: self.start(),
            };
        }
        let counter = last.counter + 1 + u128::from(self.rng.next_u64() >> 32);
        if counter >> COUNTER_BITS == 0 {
            return Last { counter, ..last };
        }
        Last {
            unix_millis: last.unix_millis + 1,
            counter: self.start(),
        }
    }

    /// A random start with its top bit clear, to leave room for counting.
    fn start(&self) -> u128 {
        let wide = (u128::from(self.rng.next_u64()) << 64) | u128::from(self.rng.next_u64());
        wide >> (128 - COUNTER_BITS + 1)
    }
}

fn compose(last: Last) -> Uuid {
    const LOW_BITS: u32 = 62;
    let high = (last.counter >> LOW_BITS) & 0xfff;
    let low = last.counter & ((1 << LOW_BITS) - 1);
    let bits = (u128::from(last.unix_millis & 0xffff_ffff_ffff) << 80)
        | (0x7 << 76)
        | (high << 64)
        | (0b10 << LOW_BITS)
        | low;
    Uuid::from_u128(bits)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        random::SeededRng,
        time::{ManualClock, Timestamp},
    };

    fn maker(clock: &ManualClock, seed: u64) -> IdMaker {
        IdMaker::new(Arc::new(clock.clone()), Arc::new(SeededRng::new(seed)))
    }

    #[test]
    fn identifiers_grow_within_a_millisecond_and_across_them() {
        let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000));
        let ids = maker(&clock, 1);
        let mut previous = ids.make();
        for step in 0..10_000_u64 {
            clock.advance(Duration::from_micros(step % 3 * 100));
            let next = ids.make();
            assert!(next > previous, "{next} follows {previous}");
            previous = next;
        }
    }

    #[test]
    fn an_identifier_is_a_uuid_of_version_7_with_the_time_in_front() {
        let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_123_000));
        let id = maker(&clock, 2).make();
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(id.as_u128() >> 80, 1_764_000_000_123);
    }

    #[test]
    fn makers_with_different_chance_do_not_collide_in_the_same_millisecond() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let (a, b) = (maker(&clock, 3), maker(&clock, 4));
        let mut all: Vec<Uuid> = (0..1000).flat_map(|_| [a.make(), b.make()]).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 2000);
    }
}

//! Chance comes in from outside, so that a test can repeat it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// A source of chance.
///
/// [`OsRng`] in production: fit for secrets. [`SeededRng`] in tests: the same seed, the same bytes.
pub trait Rng: Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// Any number.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number below `bound`, each as likely as the others to within 2⁻⁶⁴ · `bound`.
    ///
    /// # Panics
    ///
    /// When `bound` is 0.
    fn below(&self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }
}

impl<R: Rng + ?Sized> Rng for Arc<R> {
    fn fill(&self, bytes: &mut [u8]) {
        (**self).fill(bytes);
    }

    fn next_u64(&self) -> u64 {
        (**self).next_u64()
    }
}

/// A shared source of chance.
pub type SharedRng = Arc<dyn Rng>;

/// The operating system's own source, fit for keys and tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRng;

impl Rng for OsRng {
    /// # Panics
    ///
    /// When the operating system has no randomness to give, which on a working system is never.
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// A repeatable source for tests. Never for secrets.
///
/// # Source
///
/// SplitMix64, after Steele, Lea and Flood (OOPSLA 2014).
#[derive(Debug)]
pub struct SeededRng(AtomicU64);

impl SeededRng {
    /// The source that `seed` stands for.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl SeededRng {
    /// The state before the next `count` numbers, which are the caller's.
    fn take(&self, count: usize) -> u64 {
        self.0.fetch_add(GAMMA.wrapping_mul(count as u64), Relaxed)
    }
}

impl Rng for SeededRng {
    /// The bytes of the next numbers. One step, however many there are.
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.take(bytes.len().div_ceil(8));
        let mut next = || {
            state = state.wrapping_add(GAMMA);
            mixed(state).to_le_bytes()
        };
        let (whole, rest) = bytes.as_chunks_mut();
        whole.iter_mut().for_each(|chunk| *chunk = next());
        if !rest.is_empty() {
            rest.copy_from_slice(&next()[..rest.len()]);
        }
    }

    fn next_u64(&self) -> u64 {
        mixed(self.take(1).wrapping_add(GAMMA))
    }
}

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeded_source_gives_the_published_numbers_of_splitmix64() {
        let rng = SeededRng::new(1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| rng.next_u64()).collect();
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn bytes_are_those_of_the_numbers_one_after_another() {
        let (numbers, bytes) = (SeededRng::new(9), SeededRng::new(9));
        for length in [24, 0, 5, 8, 17] {
            let mut filled = vec![0; length];
            bytes.fill(&mut filled);
            for chunk in filled.chunks(8) {
                assert_eq!(chunk, &numbers.next_u64().to_le_bytes()[..chunk.len()]);
            }
        }
        assert_eq!(numbers.next_u64(), bytes.next_u64());
    }

    #[test]
    fn numbers_below_a_bound_are_below_it_and_reach_every_value() {
        let rng = SeededRng::new(7);
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[rng.below(5) as usize] = true;
        }
        assert_eq!(seen, [true; 5]);
    }

    #[test]
    fn the_operating_system_does_not_repeat_itself() {
        assert_ne!(OsRng.next_u64(), OsRng.next_u64());
    }
}

//! How long a failure waits.

use std::time::Duration;

use purlin_base::random::Rng;

/// The wait after failure number `failures`, counted from 1: `min`, doubled each time up to `max`,
/// of which up to a half is taken off by chance, so that what failed together does not come again
/// together.
pub(super) fn wait(rng: &dyn Rng, failures: u32, min: Duration, max: Duration) -> Duration {
    let factor = 2_u32.saturating_pow(failures.saturating_sub(1));
    let full = min.saturating_mul(factor).min(max);
    let half = u64::try_from(full.as_micros() / 2).unwrap_or(u64::MAX - 1);
    full - Duration::from_micros(rng.below(half + 1))
}

#[cfg(test)]
mod tests {
    use purlin_base::random::SeededRng;

    use super::*;

    #[test]
    fn a_wait_doubles_up_to_the_longest_and_loses_a_half_at_most() {
        let rng = SeededRng::new(7);
        let (min, max) = (Duration::from_millis(100), Duration::from_secs(60));
        for (failures, full) in [
            (1, 100),
            (2, 200),
            (5, 1600),
            (10, 51_200),
            (11, 60_000),
            (99, 60_000),
        ] {
            let full = Duration::from_millis(full);
            let waits: Vec<_> = (0..50).map(|_| wait(&rng, failures, min, max)).collect();
            assert!(
                waits.iter().all(|wait| (full / 2..=full).contains(wait)),
                "{waits:?}"
            );
            assert!(waits.iter().any(|wait| *wait != waits[0]), "not all alike");
        }
    }
}

//! A bounded histogram of durations, of fixed size whatever is recorded.
//!
//! Each power of two is divided into 32 equal buckets, so that a value is known to within 3.2 %
//! from one nanosecond to centuries, in 15 KiB.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use serde::Serialize;

const SUB_BITS: u32 = 5;
const SUB: u64 = 1 << SUB_BITS;
const BUCKETS: usize = ((64 - SUB_BITS as usize) + 1) * SUB as usize;

/// Durations, counted by size. Recording takes a few nanoseconds, allocates nothing and can be done
/// from many threads.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin_diagnostics::Histogram;
///
/// let histogram = Histogram::new();
/// for ms in 1..=100 {
///     histogram.record(Duration::from_millis(ms));
/// }
/// let p90 = histogram.percentile(90.0);
/// assert!(p90 >= Duration::from_millis(90) && p90 < Duration::from_millis(93));
/// assert_eq!(histogram.max(), Duration::from_millis(100));
/// ```
pub struct Histogram {
    buckets: Box<[AtomicU64]>,
    sum_nanos: AtomicU64,
    min_nanos: AtomicU64,
    max_nanos: AtomicU64,
}

/// A histogram in a few numbers, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Distribution {
    /// Durations recorded.
    pub count: u64,
    /// The shortest.
    pub min: f64,
    /// The longest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation, to within the width of the buckets.
    pub stddev: f64,
    /// The median.
    pub p50: f64,
    /// Nine of ten are no longer.
    pub p90: f64,
    /// All but one of a hundred are no longer.
    pub p99: f64,
    /// All but one of a thousand are no longer.
    pub p999: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// Nothing recorded.
    pub fn new() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
            sum_nanos: AtomicU64::new(0),
            min_nanos: AtomicU64::new(u64::MAX),
            max_nanos: AtomicU64::new(0),
        }
    }

    /// Counts one duration.
    pub fn record(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(nanos)].fetch_add(1, Relaxed);
        self.sum_nanos.fetch_add(nanos, Relaxed);
        self.min_nanos.fetch_min(nanos, Relaxed);
        self.max_nanos.fetch_max(nanos, Relaxed);
    }

    /// Durations recorded.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|it| it.load(Relaxed)).sum()
    }

    /// The sum of all; wraps after 584 years.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.sum_nanos.load(Relaxed))
    }

    /// The shortest; zero if there is none.
    pub fn min(&self) -> Duration {
        match self.min_nanos.load(Relaxed) {
            u64::MAX => Duration::ZERO,
            nanos => Duration::from_nanos(nanos),
        }
    }

    /// The longest; zero if there is none.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max_nanos.load(Relaxed))
    }

    /// What `percent` of all are no longer than, at most 3.2 % too much; zero if there is none.
    ///
    /// `percent` is taken to be between 0 and 100.
    pub fn percentile(&self, percent: f64) -> Duration {
        let counts = self.counts();
        self.percentile_of(&counts, counts.iter().sum(), percent)
    }

    /// How many are no longer than `bound`, at most 3.2 % of `bound` too strict.
    pub fn at_most(&self, bound: Duration) -> u64 {
        let bound = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        let whole = (0..BUCKETS).take_while(|&index| upper(index) <= bound);
        whole.map(|index| self.buckets[index].load(Relaxed)).sum()
    }

    /// Forgets everything. What is recorded meanwhile may be half forgotten.
    pub fn reset(&self) {
        self.buckets.iter().for_each(|it| it.store(0, Relaxed));
        self.sum_nanos.store(0, Relaxed);
        self.min_nanos.store(u64::MAX, Relaxed);
        self.max_nanos.store(0, Relaxed);
    }

    /// The whole in a few numbers.
    pub fn distribution(&self) -> Distribution {
        let counts = self.counts();
        let count: u64 = counts.iter().sum();
        if count == 0 {
            return Distribution::default();
        }
        let at = |percent| self.percentile_of(&counts, count, percent).as_secs_f64();
        let mean = self.sum().as_secs_f64() / count as f64;
        Distribution {
            count,
            min: self.min().as_secs_f64(),
            max: self.max().as_secs_f64(),
            mean,
            stddev: deviation(&counts, count, mean),
            p50: at(50.0),
            p90: at(90.0),
            p99: at(99.0),
            p999: at(99.9),
        }
    }

    fn counts(&self) -> Vec<u64> {
        self.buckets.iter().map(|it| it.load(Relaxed)).collect()
    }

    fn percentile_of(&self, counts: &[u64], count: u64, percent: f64) -> Duration {
        let rank = (percent.clamp(0.0, 100.0) / 100.0 * count as f64).ceil() as u64;
        let mut seen = 0;
        for (index, of_bucket) in counts.iter().enumerate() {
            seen += of_bucket;
            if seen >= rank.max(1) {
                return Duration::from_nanos(upper(index)).min(self.max());
            }
        }
        Duration::ZERO
    }
}

fn deviation(counts: &[u64], count: u64, mean: f64) -> f64 {
    let square = |(index, of_bucket): (usize, &u64)| {
        let value = Duration::from_nanos(upper(index)).as_secs_f64();
        (value - mean).powi(2) * *of_bucket as f64
    };
    let sum: f64 = counts.iter().enumerate().map(square).sum();
    (sum / count as f64).sqrt()
}

fn bucket(nanos: u64) -> usize {
    if nanos < SUB {
        return nanos as usize;
    }
    let shift = 63 - nanos.leading_zeros() - SUB_BITS;
    (u64::from(shift + 1) * SUB + ((nanos >> shift) & (SUB - 1))) as usize
}

/// The longest duration of a bucket, in nanoseconds.
fn upper(index: usize) -> u64 {
    let index = index as u64;
    if index < SUB {
        return index;
    }
    let shift = index / SUB - 1;
    let end = u128::from(SUB + index % SUB + 1) << shift;
    u64::try_from(end - 1).unwrap_or(u64::MAX)
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.distribution().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_within_its_width() {
        let edges = (0..64).flat_map(|bit| {
            let power = 1_u64 << bit;
            [power - 1, power, power + power / 3, power | (power - 1)]
        });
        for value in edges {
            let index = bucket(value);
            assert!(index < BUCKETS && upper(index) >= value, "{value}");
            assert!(index == 0 || upper(index - 1) < value, "{value}");
            assert!(upper(index) - value <= value / SUB + 1, "{value}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn an_empty_one_is_all_zeros() {
        let histogram = Histogram::new();
        assert_eq!(histogram.distribution(), Distribution::default());
        assert_eq!(histogram.percentile(99.0), Duration::ZERO);
    }

    #[test]
    fn a_reset_forgets_everything() {
        let histogram = Histogram::new();
        histogram.record(Duration::from_secs(3));
        histogram.reset();
        assert_eq!((histogram.count(), histogram.max()), (0, Duration::ZERO));
    }

    #[test]
    fn counts_below_a_bound_are_never_too_many() {
        let histogram = Histogram::new();
        for ms in [1, 5, 50, 500] {
            histogram.record(Duration::from_millis(ms));
        }
        assert_eq!(histogram.at_most(Duration::from_millis(60)), 3);
        assert_eq!(histogram.at_most(Duration::from_millis(49)), 2);
        assert_eq!(histogram.at_most(Duration::MAX), 4);
    }
}

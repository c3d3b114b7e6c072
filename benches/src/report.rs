//! Small sums over samples.

use std::time::Duration;

/// The sample at `part` (0 to 1) of the sorted samples, by nearest rank; 0 when there are none.
pub fn percentile(sorted: &[u32], part: f64) -> u32 {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get(((last as f64) * part).round() as usize)
        .copied()
        .unwrap_or(0)
}

/// The median in microseconds; 0 when there are no samples.
pub fn median_us(samples: &mut [Duration]) -> f64 {
    samples.sort_unstable();
    samples
        .get(samples.len() / 2)
        .map_or(0.0, |at| at.as_secs_f64() * 1e6)
}

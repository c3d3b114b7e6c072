//! Which allocations become samples.
//!
//! Everything here runs inside of the allocator: it must not allocate, wait for anything but the
//! table's lock, or panic.

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use purlin_base::work::Label;

use super::table::{self, Sample};

/// Bytes from one sample to the next, in the mean: 512 KiB.
pub const INTERVAL_DEFAULT: u64 = 512 << 10;

static INTERVAL: AtomicU64 = AtomicU64::new(INTERVAL_DEFAULT);
static ACTIVE: AtomicBool = AtomicBool::new(false);
static SEEDS: AtomicU64 = AtomicU64::new(0x9E37_79B9_7F4A_7C15);

thread_local! {
    // None of these has a destructor or is made at first use, so that they are there as long as
    // the thread is.
    static LEFT: Cell<i64> = const { Cell::new(0) };
    static CHANCE: Cell<u64> = const { Cell::new(0) };
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Sets the bytes from one sample to the next, in the mean: 4 KiB to 1 GiB, and what is outside is
/// taken to the nearest. A thread heeds it from its next sample on; samples that are there keep
/// their weight.
pub fn set_interval(bytes: u64) {
    INTERVAL.store(bytes.clamp(4 << 10, 1 << 30), Relaxed);
}

pub(super) fn is_active() -> bool {
    ACTIVE.load(Relaxed)
}

/// `size` bytes have been allocated at `at`, which is 0 if that failed.
#[inline]
pub(super) fn allocated(at: usize, size: usize) {
    let left = LEFT.get().wrapping_sub(size as i64);
    LEFT.set(left);
    if left < 0 {
        reached_zero(at, size);
    }
}

/// What was at `at` is about to be freed. Gives the sample if it was one.
#[inline]
pub(super) fn freed(at: usize) -> Option<Sample> {
    if !table::may_hold(at) {
        return None;
    }
    table::remove(at)
}

/// What was taken out by [`freed`] is still at `at`.
#[cold]
pub(super) fn put_back(at: usize, sample: Option<Sample>) {
    if let Some(sample) = sample {
        table::insert(at, sample);
    }
}

#[cold]
fn reached_zero(at: usize, size: usize) {
    let interval = INTERVAL.load(Relaxed);
    if CHANCE.get() == 0 {
        CHANCE.set(SEEDS.fetch_add(0x9E37_79B9_7F4A_7C15, Relaxed) | 1);
        ACTIVE.store(true, Relaxed);
        // A thread begins with nothing drawn yet.
        let left = next_distance(interval) - size as i64;
        LEFT.set(left);
        if left >= 0 {
            return;
        }
    }
    LEFT.set(next_distance(interval));
    if at == 0 || INSIDE.replace(true) {
        return;
    }
    table::insert(
        at,
        Sample {
            bytes: weight(size, interval),
            label: Label::current(),
        },
    );
    INSIDE.set(false);
}

/// Bytes to the next sample: exponentially distributed, so that every byte has the same chance.
fn next_distance(interval: u64) -> i64 {
    let bits = next_random() >> 11;
    // From just above 0 to 1.
    let chance = (bits + 1) as f64 / (1_u64 << 53) as f64;
    (-chance.ln() * interval as f64) as i64
}

/// The bytes that a sample of `size` stands for: its size over the chance that it had.
fn weight(size: usize, interval: u64) -> u64 {
    let chance = -(-(size as f64) / interval as f64).exp_m1();
    if chance > 0.0 {
        (size as f64 / chance) as u64
    } else {
        interval
    }
}

/// xorshift64*; not fit for secrets.
fn next_random() -> u64 {
    let mut x = CHANCE.get();
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    CHANCE.set(x);
    x.wrapping_mul(0x2545_F491_4F6C_DD1D)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_have_the_interval_as_their_mean() {
        CHANCE.set(42);
        let interval = 1_000_000;
        let count = 100_000;
        let sum: i64 = (0..count).map(|_| next_distance(interval)).sum();
        let mean = sum as f64 / f64::from(count);
        assert!((mean / interval as f64 - 1.0).abs() < 0.02, "{mean}");
    }

    #[test]
    fn a_sample_stands_for_what_was_passed_over() {
        assert_eq!(weight(1, 1 << 20), 1 << 20);
        let large = 64 << 20;
        assert_eq!(weight(large, 1 << 20), large as u64);
    }
}

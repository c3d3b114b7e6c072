//! Checks a second of the rate limiter in memory, on one thread, and the memory of its keys. A second
//! of the processor and one of the clock: they differ where the machine is shared.
//!
//! `cargo run --release -p purlin-benches --bin limiter`

#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use purlin::{
    base::time::SystemClock,
    http::limit::{Algorithm, MemoryStore, Quota, StoreKey},
};

const KEYS: usize = 1_000_000;
const CHECKS: usize = 10_000_000;

fn main() {
    let window = Duration::from_secs(3_600);
    for algorithm in [
        Algorithm::Gcra,
        Algorithm::FixedWindow,
        Algorithm::SlidingWindow,
    ] {
        run(Quota::new(1_000, window).algorithm(algorithm));
    }
}

fn run(quota: Quota) {
    let before = resident_bytes();
    let store = MemoryStore::with(KEYS, Arc::new(SystemClock));
    let check = |number: usize| {
        let name = user(number);
        let key = StoreKey {
            limit: "api",
            subject: std::str::from_utf8(&name).unwrap_or_default(),
        };
        black_box(store.take(key, &quota, 1))
    };
    for number in 0..KEYS {
        check(number);
    }
    let bytes = resident_bytes().saturating_sub(before) / KEYS;
    let (started, worked) = (Instant::now(), processor_time());
    // A step that has no factor in common with the number of keys visits all, far from in order.
    let mut at = 0;
    for _ in 0..CHECKS {
        at = (at + 381_671) % KEYS;
        check(at);
    }
    let rate = |time: Duration| CHECKS as f64 / time.as_secs_f64() / 1e6;
    let of_processor = rate(processor_time() - worked);
    let of_clock = rate(started.elapsed());
    let (algorithm, evictions) = (quota.counted_by(), store.evictions());
    println!(
        "{algorithm:?}: {of_processor:.1} million checks a processor second, {of_clock:.1} by the clock, \
         {bytes} bytes a key, {evictions} evictions"
    );
}

/// A name of eleven bytes, made anew as a request makes it: it is not in memory from before.
fn user(number: usize) -> [u8; 11] {
    let mut name = *b"u0000000000";
    let mut rest = number;
    for digit in name[1..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    name
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|it| it.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

/// What this thread has had of a processor.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|it| it.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

//! Checks a second of the rate limiter in memory, on one thread, and the memory of its keys.
//!
//! `cargo run --release -p purlin-benches --bin limiter`

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
    let names: Vec<String> = (0..KEYS).map(address).collect();
    let window = Duration::from_secs(3_600);
    for algorithm in [
        Algorithm::Gcra,
        Algorithm::FixedWindow,
        Algorithm::SlidingWindow,
    ] {
        run(&names, Quota::new(1_000, window).algorithm(algorithm));
    }
}

fn run(names: &[String], quota: Quota) {
    let before = resident_bytes();
    let store = MemoryStore::with(KEYS, Arc::new(SystemClock));
    let check = |name: &str| {
        let key = StoreKey {
            limit: "api",
            subject: name,
        };
        black_box(store.take(key, &quota, 1))
    };
    names.iter().for_each(|name| drop(check(name)));
    let bytes = resident_bytes().saturating_sub(before) / KEYS;
    let started = Instant::now();
    // A step that has no factor in common with the number of keys visits all, far from in order.
    let mut at = 0;
    for _ in 0..CHECKS {
        at = (at + 381_671) % KEYS;
        check(&names[at]);
    }
    let rate = CHECKS as f64 / started.elapsed().as_secs_f64() / 1e6;
    let (algorithm, evictions) = (quota.counted_by(), store.evictions());
    println!(
        "{algorithm:?}: {rate:.1} million checks/s, {bytes} bytes a key, {evictions} evictions"
    );
}

fn address(number: usize) -> String {
    let [_, a, b, c] = (number as u32).to_be_bytes();
    format!("a10.{a}.{b}.{c}")
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split(' ')
        .nth(1)
        .and_then(|it| it.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

//! What a token costs: to issue, to verify for the first time, to verify again, and to verify again
//! in turn with 10 000 others (RS256: 1000).
//!
//! `cargo bench -p purlin-auth --bench tokens` prints the median of 15 rounds, in nanoseconds for
//! one call on one thread. Where the system tells it (Linux) that is time on a core, which others
//! who use the machine do not lengthen; their traces in its caches remain.

#![allow(clippy::print_stdout, reason = "a bench prints what it has measured")]

use std::{
    hint::black_box,
    sync::OnceLock,
    time::{Duration, Instant},
};

use purlin_auth::token::{AccessTokens, Algorithm, KeyRing, TokenKey};
use purlin_base::{Principal, random::OsRng};

const ROUNDS: usize = 15;

fn main() {
    let algorithms = [
        Algorithm::EdDsa,
        Algorithm::Es256,
        Algorithm::Rs256,
        Algorithm::Hs256,
    ];
    println!(
        "{:8} {:>12} {:>12} {:>12} {:>12}",
        "", "issue", "first", "again", "of many"
    );
    for algorithm in algorithms {
        let key = TokenKey::generate(algorithm, &OsRng).expect("a key");
        let ring = KeyRing::new([key]).expect("a ring");
        let remembering = tokens(&ring, 20_000);
        let forgetful = tokens(&ring, 0);
        let principal = Principal::new("019ab24a-7c00-7000-8000-000000000001", ["reader", "staff"]);
        let family = Some(
            "019ab24a-7c00-7000-8000-000000000002"
                .parse()
                .expect("a UUID"),
        );
        let issue = || forgetful.issue(&principal, family).expect("a token").token;
        let one = issue();
        // Enough for tens of milliseconds: the time on a core is told in steps of a few.
        let (signs, checks) = match algorithm {
            Algorithm::Rs256 => (100, 3_000),
            Algorithm::Hs256 => (30_000, 30_000),
            _ => (3_000, 3_000),
        };
        let many = 0..if signs == 100 { 1_000 } else { 10_000 };
        let many: Vec<String> = many.map(|_| issue()).collect();
        for token in &many {
            remembering.verify(token).expect("a good token");
        }
        let mut turn = (0..many.len()).cycle().step_by(7919);
        println!(
            "{:8} {:12} {:12} {:12} {:12}   {} bytes",
            algorithm.name(),
            nanos(signs, || drop(black_box(issue()))),
            nanos(checks, || drop(black_box(forgetful.verify(&one)))),
            nanos(300_000, || drop(black_box(remembering.verify(&many[0])))),
            nanos(300_000, || {
                let token = &many[turn.next().expect("it goes round")];
                drop(black_box(remembering.verify(token)));
            }),
            one.len(),
        );
    }
}

fn tokens(ring: &KeyRing, remember_max: usize) -> AccessTokens {
    AccessTokens::builder("https://shop.example", "shop", ring.clone())
        .remember_max(remember_max)
        .remember_bytes_max(64 << 20)
        .ttl(Duration::from_secs(3600))
        .build()
        .expect("options within their bounds")
}

fn nanos(calls: u32, mut call: impl FnMut()) -> u128 {
    let mut rounds: Vec<u128> = (0..ROUNDS)
        .map(|_| {
            let began = on_core();
            (0..calls).for_each(|_| call());
            on_core().saturating_sub(began).as_nanos() / u128::from(calls)
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

/// How long this thread has run.
fn on_core() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(
        || START.get_or_init(Instant::now).elapsed(),
        Duration::from_nanos,
    )
}

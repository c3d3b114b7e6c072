//! Whether what was promised survives being killed: `cargo xtask crash`, and `--short` for CI.
//!
//! `PURLIN_CRASH_SEED` repeats a run. Postgres is the server of `PURLIN_TEST_POSTGRES`.

use std::{env, process::Command, time::Instant};

/// Processes that are killed, for each subject and engine.
const KILLS_FULL: &str = "200";
const KILLS_SHORT: &str = "20";

/// Kills as often as the record asks for; whether nothing was wrong.
pub(crate) fn run_all() -> bool {
    run(KILLS_FULL)
}

/// Kills less often: what CI has time for.
pub(crate) fn run_short() -> bool {
    run(KILLS_SHORT)
}

fn run(kills: &str) -> bool {
    let start = Instant::now();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--quiet", "--package=conformance-crash", "--"])
        .args(["run", "--kills", kills]);
    if let Ok(seed) = env::var("PURLIN_CRASH_SEED") {
        cargo.args(["--seed", &seed]);
    }
    let succeeded = cargo.status().is_ok_and(|status| status.success());
    println!("crash took {} s", start.elapsed().as_secs());
    succeeded
}

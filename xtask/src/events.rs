//! Whether our emitter does what Node's does: `cargo xtask events`.
//!
//! Runs random scenarios on both and prints the smallest that differs. Needs Node.

use std::{process::Command, time::Instant};

/// Scenarios, from this seed on. Every run makes the same.
const SCENARIOS: &str = "10000";
const SEED: &str = "24";

/// Runs everything; whether all of it succeeded.
pub(crate) fn run_all() -> bool {
    let start = Instant::now();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--package=conformance-events", "--"]);
    cargo.args(["compare", "--scenarios", SCENARIOS, "--seed", SEED]);
    let succeeded = cargo.status().is_ok_and(|status| status.success());
    println!("events took {} s", start.elapsed().as_secs());
    succeeded
}

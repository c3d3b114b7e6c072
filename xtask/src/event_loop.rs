//! Whether our event loop keeps Node's order: `cargo xtask loop`.
//!
//! Ten thousand random programs, in Node and here; the first hundred also in a process of Node each.
//! `PURLIN_LOOP_SEED` chooses other programs.

use std::{env, process::Command, time::Instant};

/// Runs everything; whether all of it succeeded.
pub(crate) fn run_all() -> bool {
    let start = Instant::now();
    let seed = env::var("PURLIN_LOOP_SEED").unwrap_or_else(|_| "1".to_owned());
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["run", "--quiet", "--package=conformance-loop", "--"])
        .args(["compare", "--programs", "10000", "--alone", "100"])
        .args(["--seed", &seed]);
    let succeeded = cargo.status().is_ok_and(|status| status.success());
    println!("loop took {} s", start.elapsed().as_secs());
    succeeded
}

//! Our own synchronisation in every order of its threads: `cargo xtask loom`.
//!
//! The models stand in the crates themselves, behind the feature `loom`, since what they try is
//! private. A minute or two; `LOOM_MAX_PREEMPTIONS` makes it more thorough and longer.

use std::{process::Command, time::Instant};

/// Runs every model; whether all of them hold.
pub(crate) fn run_all() -> bool {
    let start = Instant::now();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "test",
        "--package=purlin-runtime",
        "--package=purlin-diagnostics",
    ]);
    cargo.args(["--features=purlin-runtime/loom,purlin-diagnostics/loom"]);
    cargo.args(["--lib", "--", "models::"]);
    let succeeded = cargo.status().is_ok_and(|status| status.success());
    println!("loom took {} s", start.elapsed().as_secs());
    succeeded
}

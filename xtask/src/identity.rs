//! Whether others' packages and ours agree about identity: `cargo xtask identity`.
//!
//! Installs the packages of `conformance/identity` from its lock file, then runs the tests that
//! talk to them; they are skipped, visibly, where `PURLIN_TEST_NODE` is not set.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

/// Runs everything; whether all of it succeeded.
pub(crate) fn run_all() -> bool {
    let start = Instant::now();
    let succeeded = match install() {
        Ok(()) => TESTS.iter().all(|test| run(test)),
        Err(failure) => {
            eprintln!("failed: {failure}");
            false
        }
    };
    println!("identity took {} s", start.elapsed().as_secs());
    succeeded
}

/// The tests, by the words that `cargo test` finds them with.
const TESTS: &[&[&str]] = &[&[
    "--package=purlin-auth",
    "--all-features",
    "--test=it",
    "--",
    "conformance",
]];

fn install() -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/identity");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .stdout(Stdio::null());
    match npm.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("npm ci: {status}")),
        Err(error) => Err(format!("npm: {error}")),
    }
}

fn run(test: &[&str]) -> bool {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.arg("test").args(test).env("PURLIN_TEST_NODE", "1");
    cargo.status().is_ok_and(|status| status.success())
}

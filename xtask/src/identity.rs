//! Whether others' packages and ours agree about identity: `cargo xtask identity`.
//!
//! Installs the packages of `conformance/identity` from its lock file, and Chromium where there is
//! none, then runs the tests that talk to them; those are skipped, visibly, where
//! `PURLIN_TEST_NODE` and `PURLIN_TEST_CHROMIUM` are not set.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// Runs everything; whether all of it succeeded.
pub(crate) fn run_all() -> bool {
    let start = Instant::now();
    let succeeded = match install().and_then(|()| chromium()) {
        Ok(chromium) => TESTS.iter().all(|test| run(test, &chromium)),
        Err(failure) => {
            eprintln!("failed: {failure}");
            false
        }
    };
    println!("identity took {} s", start.elapsed().as_secs());
    succeeded
}

/// The tests, by the words that `cargo test` finds them with.
const TESTS: &[&[&str]] = &[
    &[
        "--package=purlin-auth",
        "--all-features",
        "--test=it",
        "--",
        "conformance",
    ],
    &[
        "--package=bookshop",
        "--all-features",
        "--test=it",
        "--",
        "conformance",
    ],
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/identity")
}

fn install() -> Result<(), String> {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder())
        .stdout(Stdio::null());
    match npm.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("npm ci: {status}")),
        Err(error) => Err(format!("npm: {error}")),
    }
}

/// Where Chromium is, installed if it was not there.
fn chromium() -> Result<String, String> {
    let mut find = Command::new(folder().join("chromium"));
    let found = find.stderr(Stdio::inherit()).output();
    let found = found.map_err(|error| format!("chromium: {error}"))?;
    let path = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    match found.status.success() && !path.is_empty() {
        true => Ok(path),
        false => Err(format!("chromium: {}", found.status)),
    }
}

fn run(test: &[&str], chromium: &str) -> bool {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .arg("test")
        .args(test)
        .env("PURLIN_TEST_NODE", "1")
        .env("PURLIN_TEST_CHROMIUM", chromium);
    cargo.status().is_ok_and(|status| status.success())
}

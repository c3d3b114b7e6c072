//! Whether Node's BullMQ and our engine on Redis do the same with one queue: `cargo xtask bullmq`.
//!
//! Installs the packages of `conformance/bullmq` from its lock file, builds `conformance-queue`, and
//! runs both against each other on the Redis of `PURLIN_TEST_REDIS`. Where that is not set, or there
//! is no Node, it is skipped, visibly; with `PURLIN_TEST_REQUIRE=1` that is a failure.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// Runs everything; whether all of it succeeded.
pub(crate) fn run_all() -> bool {
    let start = Instant::now();
    let Some(redis) = env::var("PURLIN_TEST_REDIS")
        .ok()
        .filter(|url| !url.is_empty())
    else {
        return skip("PURLIN_TEST_REDIS is not set");
    };
    if !succeeds(Command::new("node").arg("--version").stdout(Stdio::null())) {
        return skip("there is no Node");
    }
    let succeeded = install() && build() && compare(&redis);
    println!("bullmq took {} s", start.elapsed().as_secs());
    succeeded
}

/// Says that it is skipped; whether that is well.
fn skip(why: &str) -> bool {
    println!("skipped: {why}");
    env::var("PURLIN_TEST_REQUIRE").as_deref() != Ok("1")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn folder() -> PathBuf {
    root().join("conformance/bullmq")
}

fn install() -> bool {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder())
        .stdout(Stdio::null());
    succeeds(&mut npm)
}

fn build() -> bool {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package=conformance-queue"]);
    succeeds(cargo.current_dir(root()))
}

fn compare(redis: &str) -> bool {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let mut node = Command::new("node");
    node.arg(folder().join("run.mjs"))
        .env("QUEUE_URL", redis)
        .env("CONFORMANCE_QUEUE", target.join("debug/conformance-queue"));
    succeeds(&mut node)
}

fn succeeds(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("{}: {error}", command.get_program().to_string_lossy());
            false
        }
    }
}

//! Each example is run as its reader runs it, and has to show what it is there for.
//!
//! `cargo test -p purlin-examples` builds the examples first; with `--test it` alone those of the
//! last build are run.

mod access;
mod passwords;
mod rate_limits;
mod sessions;
mod tokens;
mod web_safety;

use std::{env, process::Command};

/// What the example `name` prints. It must end well.
#[track_caller]
fn run(name: &str) -> String {
    let this = env::current_exe().expect("the path of this test");
    // `target/debug/deps/it-…`, beside which cargo puts `target/debug/examples`.
    let built = this.parent().and_then(|deps| deps.parent());
    let example = built.expect("a target folder").join("examples").join(name);
    let ran = Command::new(&example).output();
    let ran = ran.unwrap_or_else(|error| panic!("{}: {error}", example.display()));
    let printed = String::from_utf8(ran.stdout).expect("text");
    let complaint = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{printed}\n{complaint}");
    printed
}

/// What stands behind `label` in the only line that begins with it.
#[track_caller]
fn said<'p>(printed: &'p str, label: &str) -> &'p str {
    let mut lines = printed.lines().filter_map(|line| line.strip_prefix(label));
    let rest = lines.next();
    let rest = rest.unwrap_or_else(|| panic!("no line begins with {label:?}:\n{printed}"));
    assert_eq!(lines.next(), None, "{label:?} begins two lines:\n{printed}");
    rest
}

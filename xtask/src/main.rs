//! The project's own commands. `cargo xtask` lists them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to a terminal"
)]

mod ci;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  ci      what CI runs: tests, formatting, clippy, docs, the default build
  quick   formatting and clippy only
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let steps = match command.as_deref() {
        Some("ci") => ci::ALL,
        Some("quick") => ci::QUICK,
        _ => {
            print!("{USAGE}");
            return if command.is_none() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    if ci::run(steps) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

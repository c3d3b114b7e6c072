//! The project's own commands. `cargo xtask` lists them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to a terminal"
)]

mod api;
mod bullmq;
mod ci;
mod crash;
mod event_loop;
mod events;
mod identity;
mod models;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  ci        what CI runs: tests, formatting, clippy, docs, the default build, the API
  api       what others' tools make of the bookshop's API; needs Python 3 and Node
  bullmq    whether Node's BullMQ and we do the same with one queue; needs Node and Redis
  crash     whether what was promised survives being killed; --short: as long as CI has time for
  events    whether our emitter does what Node's does; needs Node
  identity  whether others' packages and ours agree about identity, and what a browser makes
            of the pages; needs Node, and installs Chromium
  loom      whether our own synchronisation holds in every order of its threads
  loop      whether ten thousand random programs run in Node's order; needs Node
  quick     formatting and clippy only
";

/// The steps of CI that are more than a command of cargo.
const OWN: &[ci::Own] = &[
    ("api", api::run_all),
    ("bullmq", bullmq::run_all),
    ("crash", crash::run_short),
    ("events", events::run_all),
    ("loom", models::run_all),
    ("loop", event_loop::run_all),
];

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let succeeded = match command.as_deref() {
        Some("ci") => ci::run(ci::ALL, OWN),
        Some("quick") => ci::run(ci::QUICK, &[]),
        Some("api") => api::run_all(),
        Some("bullmq") => bullmq::run_all(),
        Some("crash") if std::env::args().any(|arg| arg == "--short") => crash::run_short(),
        Some("crash") => crash::run_all(),
        Some("events") => events::run_all(),
        Some("identity") => identity::run_all(),
        Some("loom") => models::run_all(),
        Some("loop") => event_loop::run_all(),
        _ => {
            print!("{USAGE}");
            return if command.is_none() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    if succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

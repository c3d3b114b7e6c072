//! `conformance-queue`: adds jobs as a plan in BullMQ's words says, or works on them, on any engine.
//!
//! Its counterpart on Node is `../peer.mjs`: what either adds, the other does.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to a terminal"
)]

use std::process::ExitCode;

mod consume;
mod error;
mod jobs;
mod plan;
mod produce;
mod repeat;
mod setting;

use error::Failure;
use setting::Setting;

const USAGE: &str = "\
conformance-queue produce PLAN.json   adds what the plan says, and prints a line for each job
conformance-queue consume             works until SIGTERM

QUEUE_URL    sqlite://FILE, postgres://… or redis://…
QUEUE        the queue; default: conformance
PREFIX       on Redis, what every key begins with; default: bull
CONCURRENCY  jobs at once; default: 1
";

/// Not well-formed, or not understood.
const REFUSED: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["produce", plan] => produce(plan).await,
        ["consume"] => consume().await,
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(REFUSED);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn produce(plan: &str) -> Result<(), Failure> {
    let text = std::fs::read_to_string(plan)?;
    let steps = plan::read(&text)?;
    let setting = Setting::from_env()?;
    let queue = setting.queue().await?;
    for step in steps {
        for line in produce::run(&queue, step).await? {
            println!("{line}");
        }
    }
    Ok(())
}

async fn consume() -> Result<(), Failure> {
    let setting = Setting::from_env()?;
    let queue = setting.queue().await?;
    consume::run(&queue, setting.concurrency, || {
        println!("{{\"ready\": true}}");
    })
    .await
}

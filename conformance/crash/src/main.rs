//! Kills processes at every commit point and at random times, and checks what is left.
//!
//! `cargo xtask crash` runs it. A parent starts a child that does the work of a subject, and kills
//! it: at a named point in the code, at the pass that chance says, or after a random time. Now and
//! then it lets one live beside its successor. What a child has acknowledged stands in a ledger, a
//! file that only grows and that no database knows of. In the end one child finishes what is left,
//! and the subject holds ledger and database against each other.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command talks to a terminal"
)]

mod engine;
mod ledger;
mod outbox;
mod queue;
mod run;
mod subject;

use std::process::ExitCode;

use engine::Engine;
use purlin_base::{
    BoxError,
    random::{OsRng, Rng},
};

const USAGE: &str = "\
crash run [OPTIONS]       kills children and checks what is left

  --kills N               processes to kill, for each subject and engine (200)
  --seed N                what to repeat (by chance)
  --engine NAME           sqlite or postgres (both; Postgres is PURLIN_TEST_POSTGRES)
  --subject NAME          only this one (all)
";

/// What `run` is told.
struct Options {
    kills: u32,
    seed: u64,
    engine: Option<String>,
    subject: Option<String>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("run") => options(&args[1..]).and_then(|options| run_all(&options)),
        // Started by `run`.
        Some("child") => run::child(),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options(args: &[String]) -> Result<Options, BoxError> {
    let mut options = Options {
        kills: 200,
        seed: OsRng.next_u64() >> 32,
        engine: None,
        subject: None,
    };
    for pair in args.chunks(2) {
        match pair {
            [name, value] if name == "--kills" => options.kills = value.parse()?,
            [name, value] if name == "--seed" => options.seed = value.parse()?,
            [name, value] if name == "--engine" => options.engine = Some(value.clone()),
            [name, value] if name == "--subject" => options.subject = Some(value.clone()),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(options)
}

fn run_all(options: &Options) -> Result<(), BoxError> {
    let wanted =
        |choice: &Option<String>, name: &str| choice.as_deref().is_none_or(|choice| choice == name);
    for subject in subject::ALL {
        for name in ["sqlite", "postgres"] {
            if !wanted(&options.subject, subject.name()) || !wanted(&options.engine, name) {
                continue;
            }
            let Some(engine) = Engine::prepare(name)? else {
                continue;
            };
            run::run(*subject, &engine, options.kills, options.seed)?;
        }
    }
    Ok(())
}

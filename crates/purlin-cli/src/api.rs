//! `purlin api`: what is done with documents of an API.

mod check;
mod source;

use std::process::ExitCode;

use clap::Subcommand;

use crate::output::say;

/// Ends a command that was told something wrong.
const WRONG: u8 = 2;

/// The commands of `purlin api`.
#[derive(Subcommand)]
pub(crate) enum Api {
    /// Names every change from a committed document to the served one that breaks a client
    Check(check::Check),
}

/// Runs `command` and says how it ends.
pub(crate) async fn run(command: Api) -> ExitCode {
    let Api::Check(check) = command;
    match check::run(&check).await {
        Ok(code) => code,
        Err(error) => {
            say(error);
            ExitCode::from(WRONG)
        }
    }
}

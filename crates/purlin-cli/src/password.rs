//! `purlin password`: what is found out about password hashes.

mod calibrate;
mod units;

use std::process::ExitCode;

use clap::Subcommand;

use crate::output::say;

/// The commands of `purlin password`.
#[derive(Subcommand)]
pub(crate) enum Password {
    /// Finds the parameters of Argon2id whose hash takes a given time on this machine
    Calibrate(calibrate::Calibrate),
}

/// Runs `command` and says how it ends.
pub(crate) fn run(command: Password) -> ExitCode {
    let Password::Calibrate(calibrate) = command;
    match calibrate::run(&calibrate) {
        Ok(code) => code,
        Err(error) => {
            say(error);
            ExitCode::FAILURE
        }
    }
}

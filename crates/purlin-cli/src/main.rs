//! The `purlin` command.
//!
//! Exit codes: 0, it is well; 1, what was looked at is not; 2, the command was told something
//! wrong: a word, a file, an address.

mod api;
mod output;
mod password;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The tool of the Purlin backend toolkit.
#[derive(Parser)]
#[command(name = "purlin", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What is done with documents of an API
    #[command(subcommand, arg_required_else_help = true)]
    Api(api::Api),
    /// What is found out about password hashes
    #[command(subcommand, arg_required_else_help = true)]
    Password(password::Password),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Api(command) => api::run(command).await,
        Command::Password(command) => password::run(command),
    }
}

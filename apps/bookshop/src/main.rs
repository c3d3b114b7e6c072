//! The bookshop.

use std::{env, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    bookshop::cli::main(env::args_os().skip(1).collect()).await
}

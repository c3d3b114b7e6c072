//! The bookshop.

use std::{env, process::ExitCode};

#[cfg(feature = "heap-profile")]
#[global_allocator]
static ALLOCATOR: purlin::diagnostics::heap::ProfilingAllocator =
    purlin::diagnostics::heap::ProfilingAllocator::system();

#[tokio::main]
async fn main() -> ExitCode {
    bookshop::cli::main(env::args_os().skip(1).collect()).await
}

//! Work in other processes: for code that may abort, overflow its stack, eat the memory or never
//! end.
//!
//! None of these can be contained in a thread. In a process they are one failed job: the process is
//! killed, its memory goes back to the system, and another takes its place.
//!
//! ```no_run
//! use purlin_runtime::worker::process::{self, ProcessPool, ProcessTask};
//!
//! // The task is named once, for both sides.
//! const THUMBNAIL: ProcessTask<String, u32> = ProcessTask::new("thumbnail", |text| text.len() as u32);
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // First of all: in a process that was started as a worker, this serves it and never returns.
//!     process::entry(&[&THUMBNAIL]);
//!
//!     let rt = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
//!     rt.block_on(async {
//!         let pool = ProcessPool::builder(&THUMBNAIL).memory_bytes_max(256 << 20).build()?;
//!         let width = pool.run(&"a picture".to_owned()).await?;
//!         println!("{width}");
//!         Ok(())
//!     })
//! }
//! ```
//!
//! | what the task does | the answer | and then |
//! | --- | --- | --- |
//! | panics | [`ProcessError::Panicked`], with its message and place | a new process |
//! | aborts, overflows its stack, takes more memory or CPU time than it may, calls `exit` | [`ProcessError::Crashed`], with which of these and its last words | a new process |
//! | runs longer than it may | [`ProcessError::TimeLimit`] | killed, a new process |
//! | answers with more than it may | [`ProcessError::TooLong`] | a new process |
//! | the caller goes away | | killed, a new process |
//!
//! # How it works
//!
//! The same binary is started again, and [`entry`] finds that it is a worker. It takes its limits
//! upon itself before any code of yours runs. Jobs and answers are JSON, each behind its length, on
//! a socket that stands in for standard input; so a task may write to its standard output and error
//! without harm. JSON, because its reader gives up on deep nesting and so a hostile answer cannot
//! overflow *our* stack. Bytes are large in it: send a path, or Base64.
//!
//! # What it is not
//!
//! A fence against accidents, not against malice. A process has nothing of ours but the binary, its
//! working directory and what was named for its environment; but it can open files and sockets as
//! the same user. For code that is hostile, add what the system has for that.
//!
//! Linux alone: elsewhere no process can be told to die with its parent.

use std::time::Duration;

mod builder;
mod child;
mod crash;
mod descriptors;
mod entry;
mod error;
mod limits;
mod pool;
mod spawner;
mod task;
mod turn;
mod wire;

pub use builder::ProcessPoolBuilder;
pub use crash::Crash;
pub use entry::entry;
pub use error::ProcessError;
pub use pool::ProcessPool;
pub use task::{AnyTask, ProcessTask};

/// How long a new process may take until it says that it is ready.
pub const START_WITHIN: Duration = Duration::from_secs(10);

/// How much of the last words of a process is kept, in bytes.
pub const LAST_WORDS_BYTES_MAX: usize = 4_096;

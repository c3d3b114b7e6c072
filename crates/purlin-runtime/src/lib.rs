//! A bounded CPU pool, workers, and tasks that keep their context.
//!
//! - [`spawn`] begins a task that stays in the [`Context`](purlin_base::Context) of its caller.
//! - [`CpuPool`] runs work that computes (hashing, images, compression) on threads of its own, so
//!   that the threads which serve requests are never held up.
//! - [`worker`] runs code beside the program that is spoken with by messages: in threads with a
//!   state, or in processes that may crash.
//!
//! All work in any tokio program; nothing else of Purlin is needed.

pub mod cpu;
mod panics;
mod queue;
mod spawn;
mod stop;
mod thread;
pub mod worker;

pub use cpu::{CpuError, CpuPool};
pub use spawn::spawn;
pub use stop::{StopToken, Stopped};
pub use worker::{Worker, WorkerPool};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/runtime.md")]
struct Chapter;

#[cfg(all(doctest, target_os = "linux", feature = "process"))]
#[doc = include_str!("../../../docs/workers.md")]
struct WorkersChapter;

//! A bounded CPU pool, and tasks that keep their context.
//!
//! - [`spawn`] begins a task that stays in the [`Context`](purlin_base::Context) of its caller.
//! - [`CpuPool`] runs work that computes (hashing, images, compression) on threads of its own, so
//!   that the threads which serve requests are never held up.
//! - [`EventLoop`] runs callbacks and local futures in Node's order, on one thread.
//!
//! All work in any tokio program; nothing else of Purlin is needed.

pub mod cpu;
pub mod event_loop;
mod spawn;

pub use cpu::{CpuError, CpuPool};
pub use event_loop::EventLoop;
pub use spawn::spawn;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/runtime.md")]
struct Chapter;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/event-loop.md")]
struct EventLoopChapter;

//! A bounded CPU pool, workers, tasks that keep their context, an event loop, events and pipelines.
//!
//! - [`spawn`] begins a task that stays in the [`Context`](purlin_base::Context) of its caller.
//! - [`CpuPool`] runs work that computes (hashing, images, compression) on threads of its own, so
//!   that the threads which serve requests are never held up.
//! - [`events`] are told from one part of a program to others: [`EventEmitter`] has the semantics of
//!   Node's, [`Events`] is a typed bus for all threads.
//! - `stream`, with the feature `streams`, moves data of any size in flat memory.
//! - [`EventLoop`] runs callbacks and local futures in Node's order, on one thread.
//! - [`worker`] runs code beside the program that is spoken with by messages: in threads with a
//!   state, or in processes that may crash.
//!
//! All work in any tokio program; nothing else of Purlin is needed.

#![cfg_attr(
    all(test, feature = "loom"),
    allow(
        clippy::duplicate_mod,
        reason = "the models compile what they try once more, over loom's primitives"
    )
)]

pub mod cpu;
pub mod event_loop;
pub mod events;
#[cfg(all(test, feature = "loom"))]
mod models;
mod panics;
mod queue;
mod spawn;
mod stop;
#[cfg(feature = "streams")]
pub mod stream;
mod sync;
mod thread;
pub mod worker;

pub use cpu::{CpuError, CpuPool};
pub use event_loop::EventLoop;
pub use events::{EventEmitter, Events};
pub use spawn::spawn;
pub use stop::{StopToken, Stopped};
pub use worker::{Worker, WorkerPool};

#[cfg(all(doctest, feature = "streams"))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(all(doctest, feature = "streams"))]
#[doc = include_str!("../../../docs/pipelines.md")]
struct Pipelines;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/runtime.md")]
struct Chapter;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/events.md")]
struct EventsChapter;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/event-loop.md")]
struct EventLoopChapter;

#[cfg(all(doctest, target_os = "linux", feature = "process"))]
#[doc = include_str!("../../../docs/workers.md")]
struct WorkersChapter;

//! Workers: code that runs beside the program and speaks with it by messages.
//!
//! | | runs in | for |
//! | --- | --- | --- |
//! | [`Worker`] | a thread of its own | one long task with a conversation: Node's `Worker` |
//! | [`WorkerPool`] | some threads | many jobs that each need a state that is dear to make, or must be stoppable |
//! | [`CpuPool`](crate::CpuPool) | some threads | many jobs that need nothing |
//! | [`ProcessPool`](process::ProcessPool) | other processes | what may abort, overflow its stack, eat the memory or never end |
//!
//! # Threads and processes
//!
//! A thread shares everything with its program. A panic in it is contained, but an abort, a stack
//! that overflows and memory that runs out end the whole program, and **a thread cannot be killed**:
//! it may hold a lock that everybody waits for, or be half-way through a change. So a thread is
//! *asked* to stop, by a [`StopToken`](crate::StopToken), and code that does not ask runs on. Code
//! for which that is not enough belongs in a process, which can be killed at any time.
//!
//! [`WorkerPool`] and [`CpuPool`](crate::CpuPool) stand on one queue. They differ in what a thread
//! keeps: nothing, so that a panic leaves nothing behind; or a state, which a panic may have left
//! half-changed, so that the thread is replaced.

mod builder;
mod error;
mod event;
mod handle;
mod life;
mod park;
mod pool;
mod port;
mod sender;

#[cfg(all(target_os = "linux", feature = "process"))]
pub mod process;

pub use builder::WorkerBuilder;
pub use error::{WorkerBuildError, WorkerStillRunning};
pub use event::{WorkerEvent, WorkerExit, WorkerFailure};
pub use handle::Worker;
pub use pool::{PoolJob, WorkerPool, WorkerPoolBuilder, WorkerPoolError, WorkerPoolStillRunning};
pub use port::{PostError, WorkerPort};
pub use sender::WorkerSender;

pub use crate::queue::Priority;

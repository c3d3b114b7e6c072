//! A durable job queue: BullMQ's features, embedded on SQLite by default, on Postgres and Redis by
//! changing a URL.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`job`] | what a job is: its type, payload, options, and what a store tells of it |
//! | [`state`] | the states of a job and what each command does in each: the one table |
//! | [`store`] | the contract of an engine |
//! | [`schedule`] | when schedules tick |
//! | [`sql`] | the engine on SQLite and Postgres |
//! | [`memory`] | the engine without a database |
//! | [`error`] | every failure |

pub mod error;
pub mod job;
pub mod memory;
mod model;
pub mod schedule;
pub mod sql;
pub mod state;
pub mod store;
#[cfg(feature = "testing")]
pub mod suite;

pub use error::QueueError;
pub use job::{Backoff, Dedup, Job, JobOptions, JobRecord, Keep, Payload};
pub use memory::MemoryStore;
pub use state::State;
pub use store::Store;

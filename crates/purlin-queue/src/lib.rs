//! A durable job queue: BullMQ's features, embedded on SQLite by default, on Postgres and Redis by
//! changing a URL.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`queue`] | adding jobs, looking at queues, operating them |
//! | [`worker`] | doing jobs: processors, their contexts, workers |
//! | [`flow`] | jobs that wait for others |
//! | [`events`] | what happens in a queue, as it happens |
//! | [`job`] | what a job is: its type, payload, options, and what a store tells of it |
//! | [`crypt`] | payloads that only those who have the key can read |
//! | [`metrics`] | counts and times of jobs |
//! | [`state`] | the states of a job and what each command does in each: the one table |
//! | [`store`] | the contract of an engine |
//! | [`schedule`] | when schedules tick |
//! | `redis` | the engine on Redis, in BullMQ's layout; with the feature `redis` |
//! | [`sql`] | the engine on SQLite and Postgres |
//! | [`memory`] | the engine without a database |
//! | `testing` | with the feature `testing`: queues for tests, in virtual time |
//! | [`outbox`] | jobs of another store, added inside a transaction of a database |
//! | [`error`] | every failure |

pub mod crypt;
pub mod error;
pub mod events;
pub mod flow;
pub mod job;
mod local;
pub mod memory;
pub mod metrics;
mod model;
pub mod outbox;
mod processors;
pub mod queue;
#[cfg(feature = "redis")]
pub mod redis;
pub mod schedule;
pub mod sql;
pub mod state;
pub mod store;
#[cfg(feature = "testing")]
pub mod suite;
#[cfg(feature = "testing")]
pub mod testing;
pub mod worker;

pub use error::QueueError;
pub use events::QueueEvents;
pub use flow::{Batch, Flow};
pub use job::{Backoff, Dedup, Job, JobOptions, JobRecord, Keep, Payload};
pub use memory::MemoryStore;
pub use processors::{ProcessorSet, Processors};
pub use purlin_macros::{Job, processor};
pub use queue::{Add, AddedJob, Queue, QueueConfig, Queues};
pub use state::State;
pub use store::Store;
pub use worker::{
    BatchProcessor, BatchedJob, JobContext, JobError, Processor, RawJob, Worker, WorkerBuilder,
};

/// The README's program, so that it stays true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

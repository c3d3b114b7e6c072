//! Jobs, tied to modules: processors are found in the module that lists them, and worked by one
//! worker for each queue that begins and ends with the application.
//!
//! ```
//! use purlin::{prelude::*, queue::{JobContext, JobError, processor}};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, Job)]
//! #[job(queue = "mails", attempts = 5)]
//! pub struct Welcome { to: String }
//!
//! #[injectable]
//! pub struct Mailer {}
//!
//! #[processor]
//! impl Mailer {
//!     #[process]
//!     async fn welcome(&self, job: Welcome, context: JobContext) -> Result<(), JobError> {
//!         context.log(format!("to {}", job.to)).await?;
//!         Ok(())
//!     }
//! }
//! ```
//!
//! Operators see and operate every queue on the management listener, below `/queues`: see
//! `docs/queue.md`.
//!
//! A module lists it under `processors(Mailer)` and imports [`QueueModule`]; whoever adds jobs
//! imports it too and asks for `Arc<Queues>`.

use std::sync::Arc;

use purlin_core::{Definition, Dep, Hosts, Injectable, Resolved};
pub use purlin_queue::*;

mod config;
pub(crate) mod exposition;
mod management;
mod module;
mod workers;

pub use config::{JobsIn, QueueSettings, Work};
pub use module::{QueueModule, Queueing};
pub use workers::Workers;

/// What a processor needs beside its own dependencies: the workers that it is handed to.
pub type WorkersDep = (Dep<Workers>, ());

/// Adds the processor `P` to a module: what `#[module(processors(P))]` calls.
///
/// The module imports one that exports [`Workers`], as [`QueueModule`] does.
pub fn processor<P>(definition: &mut Definition)
where
    P: Processors + Injectable,
{
    definition.component_with::<P, WorkersDep>("processor", hand_over::<P>);
}

fn hand_over<P>(processor: Arc<P>, (workers, ()): Resolved<WorkersDep>, _: &mut Hosts)
where
    P: Processors + Injectable,
{
    workers.add(P::processors(processor));
}

//! Who holds the executor up, who holds memory, and the metrics that say so.
//!
//! Works in any tokio program; nothing else of Purlin needs to run. What is named is named by
//! [`purlin_base::work::Label`]: HTTP names its routes, `purlin_runtime::spawn` its tasks, and a
//! plain program names what it likes.
//!
//! | to know | use |
//! | --- | --- |
//! | which route, job or task blocked its thread | [`PollWatch`], or [`Diagnostics`], which holds one |
//! | how late the executor is | [`DelayMonitor`] |
//! | how busy its threads are | [`Utilization`] |
//! | how much memory there is, and whose | [`memory`], [`heap`](mod@heap) with the feature `heap-profile` |
//! | what is never let go of | [`growth`], over [`purlin_base::live`] |
//! | all of it, as metrics or JSON | [`Diagnostics`] |
//!
//! And for one cause of leaks: [`Cache`], which is bounded.

#![cfg_attr(
    all(test, feature = "loom"),
    allow(
        clippy::duplicate_mod,
        reason = "the models compile what they try once more, over loom's primitives"
    )
)]

pub mod cache;
mod delay;
mod diagnostics;
mod error;
pub mod growth;
#[cfg(feature = "heap-profile")]
pub mod heap;
mod histogram;
pub mod memory;
pub mod metrics;
#[cfg(all(test, feature = "loom"))]
mod models;
pub mod requests;
mod snapshot;
#[cfg(all(feature = "stacks", target_os = "linux"))]
mod stack;
mod sync;
mod utilization;
mod watch;

pub use cache::Cache;
pub use delay::DelayMonitor;
pub use diagnostics::{Diagnostics, DiagnosticsBuilder};
pub use error::DiagnosticsError;
pub use histogram::{Distribution, Histogram};
pub use metrics::{Collector, Exposition};
pub use snapshot::Snapshot;
pub use utilization::{Utilization, WorkerUse};
pub use watch::{Culprit, PollWatch};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/diagnostics.md")]
struct Chapter;

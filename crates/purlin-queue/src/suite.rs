//! What every engine must do, as a list of cases and as random histories held against the model.
//!
//! A case never names an engine: it takes an empty store and the hand on its clock. One that needs
//! what an engine does not offer says so and is skipped; another one sees that asking for it is
//! refused. An engine registers itself once, and gets every case as a test of its own:
//!
//! ```
//! use {
//!     purlin_base::{BoxFuture, Timestamp, time::ManualClock},
//!     purlin_queue::{MemoryStore, Store, suite::Harness},
//!     std::{sync::Arc, time::Duration},
//! };
//!
//! struct Memory(ManualClock, Arc<dyn Store>);
//!
//! impl Harness for Memory {
//!     fn store(&self) -> Arc<dyn Store> {
//!         self.1.clone()
//!     }
//!
//!     fn advance(&self, by: Duration) -> BoxFuture<'_, ()> {
//!         self.0.advance(by);
//!         Box::pin(std::future::ready(()))
//!     }
//! }
//!
//! async fn with_memory(case: impl AsyncFnOnce(&dyn Harness)) {
//!     let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000));
//!     let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
//!     case(&Memory(clock, store)).await;
//! }
//!
//! purlin_queue::suite!(memory, crate::with_memory); // memory::jobs_are_claimed_in_the_order…
//! # fn main() {}
//! ```
//!
//! The crate that registers an engine needs `tokio` with `macros` and `rt-multi-thread`.

#![allow(clippy::missing_panics_doc, reason = "a case panics when it fails")]
#![allow(missing_docs, reason = "the name of a case is its sentence")]

use std::{sync::Arc, time::Duration};

use purlin_base::BoxFuture;

use crate::Store;

pub mod adding;
pub mod claiming;
pub mod dedup;
pub mod ending;
pub mod flows;
pub mod histories;
pub mod leases;
pub mod limits;
mod list;
pub mod looking;
pub mod operating;
pub mod refusals;
pub mod retention;
pub mod schedules;
mod subject;
pub mod tenants;

pub use subject::Subject;

/// An engine under test.
pub trait Harness: Send + Sync {
    /// The store, with nothing in it. The same one every time.
    fn store(&self) -> Arc<dyn Store>;

    /// Moves the store's time forward.
    fn advance(&self, by: Duration) -> BoxFuture<'_, ()>;
}

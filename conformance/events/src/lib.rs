//! Scenarios of an emitter, which Node's `EventEmitter` and ours run with the same trace.
//!
//! A [`Scenario`] is JSON: what listeners do when they are called, and what the main program does.
//! [`trace`] runs one on ours; `node/trace.mjs` runs it on Node's. [`generate`] makes random ones
//! from a seed, [`compare`] holds the two against each other and makes what differs small.

pub mod compare;
pub mod generate;
mod machine;
pub mod node;
mod parse;
pub mod scenario;
mod shrink;

pub use machine::{Limits, OutOfFuel, trace};
pub use parse::NotWellFormed;
pub use scenario::Scenario;

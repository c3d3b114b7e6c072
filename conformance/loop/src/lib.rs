//! The order of the event loop, held against Node's.
//!
//! A *program* is a small JSON text of what callbacks queue and print. Two interpreters run it, one in
//! Node (`node/trace.cjs`) and one here on the public API of `purlin-runtime`, and the lines they
//! print must be the same.
//!
//! - [`program`] reads and writes programs.
//! - [`interpreter`] runs one here, on a [`clock`] without waiting.
//! - [`generator`] makes random ones, and [`margin`] keeps those whose order Node determines.
//! - [`node`] runs many in Node; [`compare`] does both, and [`shrink`] finds the smallest that differs.

pub mod clock;
pub mod compare;
pub mod generator;
pub mod interpreter;
pub mod margin;
pub mod node;
pub mod program;
pub mod shrink;

//! What the contestants share: the book and its checks, the greeting, the read of one row, the
//! start of a server, and the in-process drive of a router.
//!
//! The contestants themselves are the programs in `src/bin`. `README.md` says how each figure is
//! taken.
#![allow(
    clippy::print_stdout,
    reason = "the programs talk to the runner by their output"
)]

pub mod bare;
pub mod books;
pub mod counting;
pub mod diagnosed;
pub mod drive;
pub mod guarded;
pub mod ours;
pub mod report;
pub mod rows;
pub mod serve;
pub mod shop;

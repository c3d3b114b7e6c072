//! What purlin-queue promises, seen from outside.

mod tables;
mod worker;

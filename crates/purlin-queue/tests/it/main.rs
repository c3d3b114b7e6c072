//! What purlin-queue promises, seen from outside.

mod hot;
mod memory;
mod sql;
mod tables;

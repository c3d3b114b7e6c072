//! What purlin-queue promises, seen from outside.

mod memory;
mod sql;

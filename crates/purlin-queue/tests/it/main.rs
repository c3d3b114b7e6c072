//! What purlin-queue promises, seen from outside.

mod engines;
mod hot;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod sql;
mod tables;

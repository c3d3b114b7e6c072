//! What purlin-queue promises, seen from outside.

mod memory;
#[cfg(feature = "redis")]
mod redis;

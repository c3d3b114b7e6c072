//! What purlin-queue promises, seen from outside.

mod engines;
mod hot;
mod memory;
mod outbox;
#[cfg(feature = "redis")]
mod redis;
mod sql;
mod tables;
#[cfg(feature = "testing")]
mod testing_kit;
mod worker;

//! What purlin-queue promises, seen from outside.

mod engines;
mod hot;
mod memory;
mod sql;
mod tables;
#[cfg(feature = "testing")]
mod testing_kit;
mod worker;

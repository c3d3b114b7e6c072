//! What purlin-queue promises, seen from outside.

mod hot;
mod memory;
mod tables;
#[cfg(feature = "testing")]
mod testing_kit;
mod worker;

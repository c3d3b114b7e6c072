//! Our emitter and Node's print the same.

mod commands;
mod pinned;
mod random;

//! What purlin-core promises, seen from outside.

mod config;
mod ui;

//! What purlin-core promises, seen from outside.

mod building;
mod config;
mod graph;
mod hooks;
mod overrides;
mod refused;
mod ui;

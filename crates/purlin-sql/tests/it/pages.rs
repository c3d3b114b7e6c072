//! Pages by keyset and by offset.

mod engine;
mod line;
mod plan;
mod refused;
mod walk;

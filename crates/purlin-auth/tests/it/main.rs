//! Tests of what callers see.

mod node;
mod token;

//! Tests of what callers see.

mod access;
mod node;
mod policies;
mod session;
mod token;

//! Tests of what callers see.

mod access;
mod node;
mod password;
mod policies;
mod session;
mod token;

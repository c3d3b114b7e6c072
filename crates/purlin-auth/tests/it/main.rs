//! Tests of what callers see.

mod access;
mod account;
mod node;
mod policies;
mod session;
mod token;

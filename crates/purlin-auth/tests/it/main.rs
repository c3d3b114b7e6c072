//! Tests of what callers see.

mod access;
mod account;
mod engines;
mod node;
mod password;
mod policies;
mod refresh;
mod session;
mod standing;
mod token;

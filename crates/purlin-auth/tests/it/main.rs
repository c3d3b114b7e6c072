//! Tests of what callers see.

mod access;
mod policies;

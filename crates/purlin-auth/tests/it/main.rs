//! Tests of what callers see.

mod session;

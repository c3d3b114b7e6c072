//! Tests of what callers see.

//! Tests of what callers see.

mod refresh;
mod standing;

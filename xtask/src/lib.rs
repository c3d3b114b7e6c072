//! Checks of the tree that the tests of this package run.

pub mod arrows;
pub mod asvs;
pub mod conformance;
pub mod errors;

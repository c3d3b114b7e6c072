//! What streams and pipelines promise.

mod coding;
mod copying;
mod ends;
mod flat;
mod kit;
mod parallel;
mod pipelines;
mod stages;
mod tables;

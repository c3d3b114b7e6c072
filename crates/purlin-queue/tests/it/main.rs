//! The queue from outside.

mod hot;
mod tables;

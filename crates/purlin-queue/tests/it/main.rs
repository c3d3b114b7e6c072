//! The queue from outside.

mod tables;

//! The crate from outside.

mod ui;

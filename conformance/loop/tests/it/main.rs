//! The interpreter and its command, seen from outside.

mod command;
mod form;
mod golden;
mod node;

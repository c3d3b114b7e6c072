//! Modules, injection, lifecycle and configuration, checked by the compiler.

pub mod config;

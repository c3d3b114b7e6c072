//! The frame: App, prelude, one thin module for each part.

pub mod http;

/// Modules, injection, lifecycle and configuration: [`purlin_core`].
pub mod core {
    pub use purlin_core::*;
}

//! What the frame promises, seen from outside.

mod access;
mod app;
#[cfg(feature = "auth")]
mod auth;
mod controllers;
mod diagnostics;

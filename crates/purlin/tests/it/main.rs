//! What the frame promises, seen from outside.

mod app;
mod controllers;

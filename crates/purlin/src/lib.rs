//! The frame: App, prelude, one thin module for each part.

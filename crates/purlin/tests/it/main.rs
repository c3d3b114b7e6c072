//! What the frame promises, seen from outside.

mod controllers;

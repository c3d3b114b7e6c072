//! Passwords from outside.

mod attacks;
mod bounds;
mod calibrating;
mod conformance;
mod hashing;
mod others;
mod policy;
mod support;

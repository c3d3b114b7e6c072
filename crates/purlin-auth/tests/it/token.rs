//! Access tokens and their keys.

mod attacks;
mod cache;
mod conformance;
mod imported_keys;
mod issuing;
mod mutations;
mod options;
mod published;
mod signing_keys;
mod support;
mod times;

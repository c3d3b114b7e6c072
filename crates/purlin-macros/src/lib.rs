//! The derives and attributes of Purlin's parts.
//!
//! Each part re-exports its own macros and documents what they expand to; this crate only
//! declares the entry points. One file holds one macro.

mod paths;

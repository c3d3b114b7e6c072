//! The locks and atomics that the hand-made synchronisation of this crate is built of.
//!
//! A file that takes them from here, as `super::sync`, is compiled a second time by the models of
//! the feature `loom`, on loom's own of the same names.
#![cfg_attr(
    not(all(feature = "stacks", feature = "heap-profile")),
    allow(unused_imports, reason = "some of them belong to features")
)]

pub(crate) use std::sync::{Mutex, MutexGuard};

pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
}

//! The locks and atomics that the hand-made synchronisation of this crate is built of.
//!
//! A file that takes them from here, as `super::sync`, is compiled a second time by the models of
//! the feature `loom`, on loom's own of the same names: what is tried in every order of threads
//! is the code that ships.

pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard};

pub(crate) use tokio::sync::Notify;

pub(crate) mod atomic {
    pub(crate) use std::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering, fence,
    };
}

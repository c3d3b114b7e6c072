//! Panics stay inside the callback they came out of.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Raised;

/// Runs `work`; a panic becomes what it raised.
///
/// What a callback had changed before it panicked stays changed, as after an exception in Node;
/// the loop's own state is never borrowed while a callback runs, so it stays whole.
#[inline]
pub(super) fn contain<T, E: From<Raised>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(answer) => answer,
        Err(payload) => Err(Raised::panic(payload).into()),
    }
}

/// Runs `work` and forgets a panic, payload and all: its drop may panic again.
pub(super) fn quietly(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}

//! Whether a local future stands in a queue already, so that a hundred wakes make one poll.

use super::sync::atomic::{AtomicBool, Ordering::AcqRel};

/// Raised by wakes on any thread, lowered by the loop before it polls.
///
/// Both sides swap. A plain store by the loop could be delayed behind what the poll reads: a wake
/// would still find the flag raised, though the poll has not seen what it was woken for, and the
/// future would wait for ever.
pub(super) struct WakeFlag(AtomicBool);

impl WakeFlag {
    /// Of a future that is about to be polled.
    pub(super) fn raised() -> Self {
        Self(AtomicBool::new(true))
    }

    /// Raises it; whether the future must be put in a queue.
    pub(super) fn raise(&self) -> bool {
        !self.0.swap(true, AcqRel)
    }

    /// Lowers it. What the wakes so far have to tell is seen by the poll that follows.
    pub(super) fn lower(&self) {
        self.0.swap(false, AcqRel);
    }
}

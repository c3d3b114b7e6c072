//! What a listener of the bus lives by.

use std::{fmt, sync::Weak};

/// What a listener can be taken from.
pub(super) trait Listened: Send + Sync {
    /// Takes the listener of this number away.
    fn remove(&self, number: u64);
}

/// What a listener of a bus lives by: dropping it takes the listener away.
///
/// What the listener holds is freed then, unless it is being called: then at the end of that emit.
/// An emit of another thread that has begun may still call it once.
#[must_use = "a listener is taken away when its subscription is dropped; keep it, or call `keep`"]
pub struct Subscription {
    pub(super) from: Weak<dyn Listened>,
    pub(super) number: u64,
}

impl Subscription {
    /// Lets the listener live as long as the bus.
    pub fn keep(mut self) {
        // From nothing, dropping takes nothing away.
        self.from = Weak::<Nothing>::new();
    }
}

struct Nothing;

impl Listened for Nothing {
    fn remove(&self, _number: u64) {}
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(from) = self.from.upgrade() {
            from.remove(self.number);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&self.number).finish()
    }
}

//! The handle of whoever has queued an immediate.

use std::{
    fmt,
    rc::{Rc, Weak},
};

use super::core::Core;

/// An immediate that was queued. Dropping it leaves the immediate as it is.
///
/// Once it has run, was cleared, or the loop is gone, every method does nothing.
#[derive(Clone)]
pub struct Immediate {
    number: u64,
    core: Weak<Core>,
}

impl Immediate {
    pub(super) fn new(number: u64, core: &Rc<Core>) -> Self {
        Self {
            number,
            core: Rc::downgrade(core),
        }
    }

    /// Takes it out of the queue, as `clearImmediate`; also one of the batch that is being run.
    pub fn clear(&self) {
        if let Some(core) = self.core.upgrade() {
            let cleared = core.immediates.borrow_mut().clear(self.number);
            drop(cleared);
        }
    }

    /// Lets the loop end, and wait, as if it were not there. It still runs if the loop turns.
    pub fn unref(&self) -> &Self {
        self.set_holds(false);
        self
    }

    /// Holds the loop until it has run, as it does from the start. `ref` in Node.
    pub fn ref_(&self) -> &Self {
        self.set_holds(true);
        self
    }

    /// Whether it is still to run and holds the loop.
    pub fn has_ref(&self) -> bool {
        let core = self.core.upgrade();
        core.is_some_and(|core| core.immediates.borrow().holds(self.number))
    }

    fn set_holds(&self, holds: bool) {
        if let Some(core) = self.core.upgrade() {
            core.immediates.borrow_mut().set_holds(self.number, holds);
        }
    }
}

impl fmt::Debug for Immediate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Immediate")
            .field("number", &self.number)
            .field("has_ref", &self.has_ref())
            .finish()
    }
}

//! The events that were emitted last by a constant, with how their listeners are called.
//!
//! A program emits the same few constants again and again. Where one was emitted before, and no
//! listener has come or gone since, its listeners are found by the address of its name.

use std::{any::Any, cell::Cell, rc::Rc};

use super::table::Calls;

/// Names that are kept; a power of two.
const PLACES: usize = 8;

#[derive(Default)]
pub(super) struct Constants([Place; PLACES]);

/// One name. Whoever emits takes its listeners out, and puts them back at the end, which costs less
/// than to count: an emit inside of the first goes without.
#[derive(Default)]
pub(super) struct Place {
    name: Cell<&'static str>,
    /// The [`Calls`] of some type.
    calls: Cell<Option<Rc<dyn Any>>>,
}

impl Constants {
    /// Where `name` stands, or would: by its address.
    #[inline]
    pub(super) fn place(&self, name: &'static str) -> &Place {
        let at = name.as_ptr().addr();
        &self.0[(at ^ (at >> 4)) % PLACES]
    }

    /// Forgets everything, and so keeps no listener alive.
    pub(super) fn clear(&self) {
        for place in &self.0 {
            drop(place.calls.take());
        }
    }
}

impl Place {
    /// What was put here for `name`, if that is what a `T` is for.
    #[inline]
    pub(super) fn take<T: 'static>(&self, name: &'static str) -> Option<Calls<T>> {
        if !std::ptr::eq(self.name.get(), name) {
            return None;
        }
        self.calls.take()?.downcast().ok()
    }

    /// Puts what was found for `name` here, in place of what another emit has put.
    #[inline]
    pub(super) fn put<T: 'static>(&self, name: &'static str, calls: Calls<T>) {
        self.name.set(name);
        self.calls.set(Some(calls));
    }
}

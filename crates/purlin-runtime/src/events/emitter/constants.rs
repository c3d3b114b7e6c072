//! The events that were emitted last by a constant, with how their listeners are called.
//!
//! A program emits the same few constants again and again. Where one was emitted before, and no
//! listener has come or gone since, its listeners are found by the address of its name.

use std::{any::Any, cell::Cell, rc::Rc};

use super::table::Calls;
use crate::events::listener::Call;

/// Names that are kept; a power of two.
const PLACES: usize = 8;

#[derive(Default)]
pub(super) struct Constants([Place; PLACES]);

/// Room for one name. Whoever emits takes its listeners out, and puts them back at the end, which
/// costs less than to count: an emit inside of the first goes without.
#[derive(Default)]
pub(super) struct Place(Cell<Option<Box<Found>>>);

/// What was found for a name.
pub(super) struct Found {
    name: &'static str,
    /// The [`Calls`] of some type.
    calls: Rc<dyn Any>,
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
            drop(place.0.take());
        }
    }
}

impl Place {
    /// What was put here for `name`.
    #[inline]
    pub(super) fn take(&self, name: &'static str) -> Option<Box<Found>> {
        let found = self.0.take();
        found.filter(|found| std::ptr::eq(found.name, name))
    }

    /// Puts what was found here, in place of what another emit has put.
    #[inline]
    pub(super) fn put(&self, found: Box<Found>) {
        self.0.set(Some(found));
    }
}

impl Found {
    pub(super) fn new<T: 'static>(name: &'static str, calls: Calls<T>) -> Box<Self> {
        Box::new(Self { name, calls })
    }

    /// How the listeners are called, if they take a `T`.
    #[inline]
    pub(super) fn calls<T: 'static>(&self) -> Option<&[Call<T>]> {
        let calls: Option<&Vec<Call<T>>> = self.calls.downcast_ref();
        calls.map(Vec::as_slice)
    }
}

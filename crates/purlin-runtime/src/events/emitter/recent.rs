//! The events that were emitted last by a text, with how their listeners are called.
//!
//! As [`constants`](super::constants), but a text may stand anywhere, so it is compared.

use std::{any::Any, borrow::Cow, cell::RefCell, rc::Rc};

use super::table::Calls;

/// Names that are kept; a power of two.
const PLACES: usize = 8;

#[derive(Default)]
pub(super) struct Recent(RefCell<[Option<Found>; PLACES]>);

struct Found {
    name: Cow<'static, str>,
    /// The [`Calls`] of some type.
    calls: Rc<dyn Any>,
}

impl Recent {
    #[inline]
    pub(super) fn get<T: 'static>(&self, name: &str) -> Option<Calls<T>> {
        let places = self.0.borrow();
        let found = places[place_of(name)].as_ref()?;
        match found.name == name {
            true => Rc::clone(&found.calls).downcast().ok(),
            false => None,
        }
    }

    /// Keeps what was found for `name`, in place of another one.
    pub(super) fn keep<T: 'static>(&self, name: Cow<'static, str>, calls: Calls<T>) {
        let place = place_of(&name);
        let before = self.0.borrow_mut()[place].replace(Found { name, calls });
        drop(before); // May run others' code: the borrow is over.
    }

    /// Forgets everything, and so keeps no listener alive.
    pub(super) fn clear(&self) {
        let before = self.0.take();
        drop(before); // May run others' code: the borrow is over.
    }
}

/// By its length and its ends, which differ where names do.
#[inline]
fn place_of(name: &str) -> usize {
    let ends = name.bytes().next().zip(name.bytes().next_back());
    let (first, last) = ends.unwrap_or_default();
    (name.len() ^ usize::from(first) ^ usize::from(last).rotate_left(1)) % PLACES
}

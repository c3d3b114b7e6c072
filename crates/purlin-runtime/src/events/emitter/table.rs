//! Which listeners an emitter has, by the name of their event.
//!
//! Laid out as Node lays out its own, since that shows: an emit that has begun goes on with the
//! table that it began with, and one listener alone is kept otherwise than a list of them.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::HashMap,
    panic::Location,
    rc::Rc,
};

use crate::events::{
    AnyListener,
    listener::{Call, Payload},
    stats::Counted,
};

/// A listener on the list of an event.
pub(super) struct Entry {
    pub(super) listener: AnyListener,
    /// For one that ends with its first call: whether that was.
    pub(super) fired: Option<Cell<bool>>,
    pub(super) counted: Counted,
}

impl Entry {
    pub(super) fn place(&self) -> &'static Location<'static> {
        self.counted.place()
    }

    pub(super) fn is_once(&self) -> bool {
        self.fired.is_some()
    }
}

/// What is to be removed.
#[derive(Clone, Copy)]
pub(super) enum Target<'a> {
    /// A listener, added in whichever way.
    Listener(&'a AnyListener),
    /// What stands on the list: where that ends with its first call, this one alone.
    Entry(&'a Rc<Entry>),
}

impl Target<'_> {
    fn is(self, entry: &Rc<Entry>) -> bool {
        match self {
            Self::Listener(listener) => entry.listener == *listener,
            Self::Entry(target) if target.is_once() => Rc::ptr_eq(entry, target),
            Self::Entry(target) => entry.listener == target.listener,
        }
    }
}

/// The listeners of one event at one time.
#[derive(Clone)]
pub(super) enum Snapshot {
    One(Rc<Entry>),
    Many(Rc<Vec<Rc<Entry>>>),
}

impl Snapshot {
    pub(super) fn as_slice(&self) -> &[Rc<Entry>] {
        match self {
            Self::One(entry) => std::slice::from_ref(entry),
            Self::Many(entries) => entries,
        }
    }
}

/// Two listeners or more, in their order; an array in Node.
pub(super) struct List {
    /// Copied when it changes while somebody emits over it, and else changed in place.
    entries: RefCell<Rc<Vec<Rc<Entry>>>>,
    /// Whether a leak was suspected. Forgotten with the list, when one listener is left.
    warned: Cell<bool>,
}

impl List {
    fn of(entries: Vec<Rc<Entry>>) -> Rc<Self> {
        Rc::new(Self {
            entries: RefCell::new(Rc::new(entries)),
            warned: Cell::new(false),
        })
    }

    pub(super) fn entries(&self) -> Rc<Vec<Rc<Entry>>> {
        Rc::clone(&self.entries.borrow())
    }

    fn insert(&self, entry: Rc<Entry>, first: bool) {
        let mut entries = self.entries.borrow_mut();
        let entries = Rc::make_mut(&mut entries);
        let at = if first { 0 } else { entries.len() };
        entries.insert(at, entry);
    }

    fn take_last(&self, target: Target<'_>) -> Option<Rc<Entry>> {
        let mut entries = self.entries.borrow_mut();
        let position = entries.iter().rposition(|entry| target.is(entry))?;
        Some(Rc::make_mut(&mut entries).remove(position))
    }

    /// Notes a suspicion; whether it is the first.
    pub(super) fn suspect(&self) -> bool {
        !self.warned.replace(true)
    }
}

#[derive(Clone)]
pub(super) enum Handlers {
    One(Rc<Entry>),
    Many(Rc<List>),
}

/// How listeners are called, one after the other.
pub(super) type Calls<T> = Rc<Vec<Call<T>>>;

struct Slot {
    /// Names are listed in the order in which they came.
    number: u64,
    payload: Payload,
    handlers: Handlers,
    /// The listeners as those who know their type call them, found since they changed.
    calls: Option<Rc<dyn Any>>,
}

/// All listeners of an emitter. Others' code never runs while a borrow is open.
#[derive(Default)]
pub(super) struct Table {
    slots: RefCell<HashMap<Cow<'static, str>, Slot, foldhash::fast::RandomState>>,
    next_number: Cell<u64>,
}

impl Table {
    /// Events that have listeners.
    pub(super) fn len(&self) -> usize {
        self.slots.borrow().len()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.slots.borrow().contains_key(name)
    }

    /// The name as it is kept.
    pub(super) fn name(&self, name: &str) -> Option<Cow<'static, str>> {
        let slots = self.slots.borrow();
        slots.get_key_value(name).map(|(name, _)| name.clone())
    }

    pub(super) fn payload(&self, name: &str) -> Option<Payload> {
        self.slots.borrow().get(name).map(|slot| slot.payload)
    }

    pub(super) fn handlers(&self, name: &str) -> Option<Handlers> {
        let slots = self.slots.borrow();
        slots.get(name).map(|slot| slot.handlers.clone())
    }

    /// The listeners of `name` now.
    pub(super) fn snapshot(&self, name: &str) -> Option<Snapshot> {
        let slots = self.slots.borrow();
        slots.get(name).map(|slot| slot.handlers.snapshot())
    }

    /// The listeners of `name` now, or what they take if that is not of the type `id`.
    pub(super) fn snapshot_for(&self, name: &str, id: TypeId) -> Result<Option<Snapshot>, Payload> {
        let slots = self.slots.borrow();
        match slots.get(name) {
            None => Ok(None),
            Some(slot) if slot.payload.id == id => Ok(Some(slot.handlers.snapshot())),
            Some(slot) => Err(slot.payload),
        }
    }

    /// Adds `entry`; gives back the list it then stands on, if it is not alone.
    pub(super) fn add(
        &self,
        name: Cow<'static, str>,
        entry: Rc<Entry>,
        first: bool,
    ) -> Option<Rc<List>> {
        let list = match self.handlers(&name) {
            None => {
                self.begin(name, entry);
                return None;
            }
            Some(Handlers::Many(list)) => {
                list.insert(entry, first);
                list
            }
            Some(Handlers::One(other)) => {
                let both = if first {
                    [entry, other]
                } else {
                    [other, entry]
                };
                let list = List::of(both.into());
                self.set(&name, Handlers::Many(Rc::clone(&list)));
                list
            }
        };
        Some(list)
    }

    fn begin(&self, name: Cow<'static, str>, entry: Rc<Entry>) {
        let number = self.next_number.get();
        self.next_number.set(number + 1);
        let slot = Slot {
            number,
            payload: entry.listener.payload(),
            handlers: Handlers::One(entry),
            calls: None,
        };
        self.slots.borrow_mut().insert(name, slot);
    }

    fn set(&self, name: &str, handlers: Handlers) {
        let mut slots = self.slots.borrow_mut();
        let before = slots
            .get_mut(name)
            .map(|slot| std::mem::replace(&mut slot.handlers, handlers));
        drop(slots);
        drop(before);
    }

    /// How the listeners of `name` are called, if that was found since they changed.
    pub(super) fn calls<T: 'static>(&self, name: &str) -> Option<Calls<T>> {
        let slots = self.slots.borrow();
        let calls = slots.get(name)?.calls.as_ref()?;
        Rc::clone(calls).downcast().ok()
    }

    pub(super) fn remember<T: 'static>(&self, name: &str, calls: Calls<T>) {
        if let Some(slot) = self.slots.borrow_mut().get_mut(name) {
            slot.calls = Some(calls); // There were none, or of another type.
        }
    }

    /// Forgets how the listeners of `name` were called.
    pub(super) fn forget_calls(&self, name: &str) {
        let mut slots = self.slots.borrow_mut();
        let calls = slots.get_mut(name).and_then(|slot| slot.calls.take());
        drop(slots);
        drop(calls);
    }

    /// Forgets `name` and its listeners.
    pub(super) fn remove(&self, name: &str) {
        let slot = self.slots.borrow_mut().remove(name);
        drop(slot);
    }

    /// Takes the last listener that is `target` off `list`, which is that of `name`; gives it back.
    pub(super) fn take(&self, name: &str, list: &List, target: Target<'_>) -> Option<Rc<Entry>> {
        let taken = list.take_last(target)?;
        if let [last] = list.entries().as_slice() {
            self.set(name, Handlers::One(Rc::clone(last)));
        }
        Some(taken)
    }

    /// All names, in the order in which they came; what is a symbol in Node is last.
    pub(super) fn names(&self, is_symbol: impl Fn(&str) -> bool) -> Vec<Cow<'static, str>> {
        let slots = self.slots.borrow();
        let mut names: Vec<_> = slots.iter().collect();
        names.sort_unstable_by_key(|(name, slot)| (is_symbol(name), slot.number));
        names.into_iter().map(|(name, _)| name.clone()).collect()
    }
}

impl Handlers {
    pub(super) fn snapshot(&self) -> Snapshot {
        match self {
            Self::One(entry) => Snapshot::One(Rc::clone(entry)),
            Self::Many(list) => Snapshot::Many(list.entries()),
        }
    }

    /// Whether the only listener is `target`.
    pub(super) fn is_only(&self, target: Target<'_>) -> bool {
        matches!(self, Self::One(entry) if target.is(entry))
    }
}

//! What Node does with an emitter, step by step, and what listeners can see of it.
//!
//! # Source
//!
//! The behaviour of `events` in Node 20, which `conformance/events` compares this with.

use std::{
    any::Any,
    borrow::Cow,
    cell::{Cell, RefCell},
    panic::Location,
    rc::{Rc, Weak},
    sync::Arc,
};

use super::{
    AddOptions,
    builder::Options,
    constants::{Constants, Found},
    key::Forget,
    recent::Recent,
    table::{Calls, Entry, Handlers, List, Snapshot, Table, Target},
};
use crate::events::{
    AnyListener, ERROR, ERROR_MONITOR, EmitError, EmitErrorKind, LeakWarning, ListenerChange,
    NEW_LISTENER, REMOVE_LISTENER, SharedError,
    listener::{Call, Payload, Value},
    stats::Meter,
};

pub(super) struct Core {
    table: RefCell<Rc<Table>>,
    pub(super) max_listeners: Cell<usize>,
    /// Emits that stand inside each other now.
    depth: Cell<u32>,
    /// Off while an `error` of a rejection is emitted, so that none follows from it for ever.
    pub(super) captures_rejections: Cell<bool>,
    /// Asynchronous listeners that run now.
    pub(super) running: Cell<usize>,
    pub(super) options: Options,
    meter: Arc<Meter>,
    /// What keys have found since listeners came or went.
    found: RefCell<Vec<Weak<dyn Forget>>>,
    /// What emits have found since then.
    constants: Constants,
    recent: Recent,
    /// How often listeners have come or gone.
    changes: Cell<u64>,
}

impl Core {
    pub(super) fn new(options: Options, meter: Arc<Meter>) -> Self {
        Self {
            table: RefCell::default(),
            max_listeners: Cell::new(options.max_listeners),
            depth: Cell::new(0),
            captures_rejections: Cell::new(options.capture_rejections),
            running: Cell::new(0),
            options,
            meter,
            found: RefCell::default(),
            constants: Constants::default(),
            recent: Recent::default(),
            changes: Cell::new(0),
        }
    }

    pub(super) fn table(&self) -> Rc<Table> {
        Rc::clone(&self.table.borrow())
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(super) fn emit(&self, name: &str, value: &dyn Value) -> Result<bool, EmitError> {
        let _deeper = self.deeper(name)?;
        let snapshot = if name == ERROR.name() {
            Some(self.error_snapshot(value)?)
        } else {
            let found = self
                .table
                .borrow()
                .snapshot_for(name, (value as &dyn Any).type_id());
            found.map_err(|carried| wrong_type(name, carried, value))?
        };
        let Some(snapshot) = snapshot else {
            return Ok(false);
        };
        for entry in snapshot.as_slice() {
            self.call(name, entry, value)?;
        }
        Ok(true)
    }

    /// Tells the monitors; then the listeners of `error`, or the error itself if there are none.
    fn error_snapshot(&self, value: &dyn Value) -> Result<Snapshot, EmitError> {
        let name = ERROR.name();
        let any: &dyn Any = value;
        let Some(error) = any.downcast_ref::<SharedError>() else {
            return Err(wrong_type(name, Payload::of::<SharedError>(), value));
        };
        // The emit goes on with the table it began with, whatever the monitors do to it.
        let table = self.table();
        if table.has(ERROR_MONITOR.name()) {
            self.emit(ERROR_MONITOR.name(), value)?;
        }
        let listeners = table.snapshot(name);
        listeners.ok_or_else(|| EmitErrorKind::Unhandled(Arc::clone(error)).into())
    }

    fn call(&self, name: &str, entry: &Rc<Entry>, value: &dyn Value) -> Result<(), EmitError> {
        if let Some(fired) = &entry.fired {
            if fired.get() {
                return Ok(());
            }
            // Before the call, so that an emit inside it does not find the listener again.
            self.remove(name, Target::Entry(entry))?;
            fired.set(true);
        }
        let called = entry.listener.call(value);
        called.map_err(|source| EmitError::of_listener(name, entry.listener.place(), source))
    }

    /// How the listeners of an event are called, if by no more rule than one after the other.
    #[cold]
    fn find_calls<T: 'static>(&self, name: &str) -> Option<Calls<T>> {
        if name == ERROR.name() {
            return None;
        }
        let table = self.table();
        let snapshot = table.snapshot(name)?;
        let entries = snapshot.as_slice().iter();
        let calls = entries.map(|entry| match entry.is_once() {
            true => None,
            false => entry.listener.typed(),
        });
        let calls: Calls<T> = Rc::new(calls.collect::<Option<Vec<_>>>()?);
        table.remember(name, Rc::clone(&calls));
        Some(calls)
    }

    /// Emits an event whose name is a constant, by the shortest way there is.
    #[inline]
    pub(super) fn emit_constant<T: 'static>(
        &self,
        name: &'static str,
        value: &T,
    ) -> Result<bool, EmitError> {
        let place = self.constants.place(name);
        let found = place.take(name).or_else(|| self.find_constant::<T>(name));
        let Some(found) = found else {
            return self.emit(name, value);
        };
        let Some(calls) = found.calls() else {
            return self.emit(name, value);
        };
        let changes = self.changes.get();
        let emitted = self.call_all(name, calls, value);
        if self.changes.get() == changes {
            place.put(found);
        }
        emitted
    }

    #[cold]
    fn find_constant<T: 'static>(&self, name: &'static str) -> Option<Box<Found>> {
        let calls = self.recall::<T>(name)?;
        Some(Found::new(name, calls))
    }

    /// Emits an event by its name, which may stand anywhere.
    #[inline]
    pub(super) fn emit_text<T: 'static>(&self, name: &str, value: &T) -> Result<bool, EmitError> {
        match self.recent.get(name).or_else(|| self.recall_text(name)) {
            Some(calls) => self.call_all(name, &calls, value),
            None => self.emit(name, value),
        }
    }

    /// Finds how the listeners of an event are called.
    #[cold]
    pub(super) fn recall<T: 'static>(&self, name: &str) -> Option<Calls<T>> {
        self.table().calls(name).or_else(|| self.find_calls(name))
    }

    /// The same, and keeps it at hand.
    #[cold]
    fn recall_text<T: 'static>(&self, name: &str) -> Option<Calls<T>> {
        let calls = self.recall(name)?;
        if let Some(name) = self.table().name(name) {
            self.recent.keep(name, Rc::clone(&calls));
        }
        Some(calls)
    }

    #[inline]
    pub(super) fn call_all<T>(
        &self,
        name: &str,
        calls: &[Call<T>],
        value: &T,
    ) -> Result<bool, EmitError> {
        let _deeper = self.deeper(name)?;
        for call in calls {
            call.call(name, value)?;
        }
        Ok(true)
    }

    /// How often listeners have come or gone.
    #[inline]
    pub(super) fn changes(&self) -> u64 {
        self.changes.get()
    }

    /// Tells `found` when listeners come or go next.
    pub(super) fn forget_on_change(&self, found: Weak<dyn Forget>) {
        self.found.borrow_mut().push(found);
    }

    /// Listeners have come or gone.
    fn changed(&self) {
        self.changes.set(self.changes.get() + 1);
        self.constants.clear();
        self.recent.clear();
        for found in self.found.take() {
            if let Some(found) = found.upgrade() {
                found.forget();
            }
        }
    }

    pub(super) fn add(
        &self,
        name: Cow<'static, str>,
        listener: &AnyListener,
        options: AddOptions,
        place: &'static Location<'static>,
    ) -> Result<(), EmitError> {
        let table = self.table();
        check_type(&table, &name, listener.payload())?;
        let table = if table.has(NEW_LISTENER.name()) {
            let change = ListenerChange {
                event: name.clone(),
                listener: listener.clone(),
            };
            self.emit(NEW_LISTENER.name(), &change)?;
            let table = self.table(); // Its listeners may have changed everything.
            check_type(&table, &name, listener.payload())?;
            table
        } else {
            table
        };
        let entry = Rc::new(Entry {
            listener: listener.clone(),
            fired: options.once.then(Cell::default),
            counted: self.meter.count(place),
        });
        let list = table.add(name.clone(), entry, options.first);
        table.forget_calls(&name);
        self.changed();
        if let Some(list) = list {
            self.watch(&name, &list, place);
        }
        Ok(())
    }

    fn watch(&self, name: &str, list: &List, place: &'static Location<'static>) {
        let entries = list.entries();
        let max_listeners = self.max_listeners.get();
        if max_listeners > 0 && entries.len() > max_listeners && list.suspect() {
            let places: Vec<_> = entries.iter().map(|entry| entry.place()).collect();
            let warning = LeakWarning::new(name, max_listeners, place, &places);
            match &self.options.on_leak {
                Some(hook) => hook(&warning),
                None => warning.log(),
            }
        }
    }

    pub(super) fn remove(&self, name: &str, target: Target<'_>) -> Result<bool, EmitError> {
        let table = self.table();
        let Some(handlers) = table.handlers(name) else {
            return Ok(false);
        };
        let listener = match &handlers {
            Handlers::One(_) if !handlers.is_only(target) => return Ok(false),
            Handlers::One(_) if table.len() == 1 => {
                self.begin_anew();
                return Ok(true);
            }
            Handlers::One(entry) => {
                table.remove(name);
                entry.listener.clone()
            }
            Handlers::Many(list) => match table.take(name, list, target) {
                Some(entry) => entry.listener.clone(),
                None => return Ok(false),
            },
        };
        drop(handlers);
        table.forget_calls(name);
        self.changed();
        if table.has(REMOVE_LISTENER.name()) {
            let event = Cow::Owned(name.to_owned());
            self.emit(REMOVE_LISTENER.name(), &ListenerChange { event, listener })?;
        }
        Ok(true)
    }

    pub(super) fn remove_all(&self) -> Result<(), EmitError> {
        let table = self.table();
        let last = REMOVE_LISTENER.name();
        if table.has(last) {
            for name in table.names(is_symbol).iter().filter(|name| **name != last) {
                self.remove_all_of(name)?;
            }
            self.remove_all_of(last)?;
        }
        self.begin_anew();
        Ok(())
    }

    pub(super) fn remove_all_of(&self, name: &str) -> Result<(), EmitError> {
        let table = self.table();
        let Some(handlers) = table.handlers(name) else {
            return Ok(());
        };
        if !table.has(REMOVE_LISTENER.name()) {
            if table.len() == 1 {
                self.begin_anew();
            } else {
                table.remove(name);
                self.changed();
            }
            return Ok(());
        }
        match handlers {
            Handlers::One(entry) => self.remove(name, Target::Entry(&entry)).map(drop),
            Handlers::Many(list) => self.remove_from_last(name, &list),
        }
    }

    /// The newest first, and each told of, which may change the list.
    fn remove_from_last(&self, name: &str, list: &List) -> Result<(), EmitError> {
        for index in (0..list.entries().len()).rev() {
            let Some(entry) = list.entries().get(index).cloned() else {
                let event = name.to_owned();
                return Err(EmitErrorKind::ListChanged { event }.into());
            };
            self.remove(name, Target::Entry(&entry))?;
        }
        Ok(())
    }

    /// Leaves the table to the emits that have begun with it.
    fn begin_anew(&self) {
        let before = self.table.replace(Rc::default());
        self.changed();
        drop(before); // May run others' code: the borrow is over.
    }

    #[inline]
    pub(super) fn deeper(&self, name: &str) -> Result<Deeper<'_>, EmitError> {
        let depth = self.depth.get();
        let depth_max = self.options.depth_max;
        if depth >= depth_max {
            return Err(too_deep(name, depth_max));
        }
        self.depth.set(depth + 1);
        Ok(Deeper(&self.depth))
    }
}

/// An emit that runs; also one that unwinds ends.
pub(super) struct Deeper<'a>(&'a Cell<u32>);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

pub(super) fn is_symbol(name: &str) -> bool {
    name == ERROR_MONITOR.name()
}

/// What the events that the emitter itself emits carry.
fn built_in(name: &str) -> Option<Payload> {
    let is = |event: &str| name == event;
    if is(ERROR.name()) || is(ERROR_MONITOR.name()) {
        Some(Payload::of::<SharedError>())
    } else if is(NEW_LISTENER.name()) || is(REMOVE_LISTENER.name()) {
        Some(Payload::of::<ListenerChange>())
    } else {
        None
    }
}

fn check_type(table: &Table, name: &str, given: Payload) -> Result<(), EmitError> {
    match built_in(name).or_else(|| table.payload(name)) {
        Some(carried) if carried.id != given.id => Err(EmitErrorKind::WrongType {
            event: name.to_owned(),
            carried: carried.name,
            given: given.name,
        }
        .into()),
        _ => Ok(()),
    }
}

#[cold]
fn too_deep(name: &str, depth_max: u32) -> EmitError {
    let event = name.to_owned();
    EmitErrorKind::TooDeep { event, depth_max }.into()
}

#[cold]
fn wrong_type(name: &str, carried: Payload, value: &dyn Value) -> EmitError {
    EmitErrorKind::WrongType {
        event: name.to_owned(),
        carried: carried.name,
        given: value.payload().name,
    }
    .into()
}

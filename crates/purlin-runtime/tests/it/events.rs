//! What the emitter and the bus promise.

mod asynchronous;
mod bus;
mod emitter;
mod errors;
mod leaks;
mod waiting;

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{Arc, Mutex},
};

/// What listeners of one thread note.
#[derive(Clone, Default)]
struct Notes(Rc<RefCell<Vec<String>>>);

impl Notes {
    fn add(&self, note: impl Into<String>) {
        self.0.borrow_mut().push(note.into());
    }

    /// A listener that notes `name`.
    fn listener<T>(&self, name: &'static str) -> impl Fn(&T) + 'static {
        let notes = self.clone();
        move |_| notes.add(name)
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

/// What listeners of any thread note.
#[derive(Clone, Default)]
struct SharedNotes(Arc<Mutex<Vec<String>>>);

impl SharedNotes {
    fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    /// A listener that notes `name`.
    fn listener<T>(&self, name: &'static str) -> impl Fn(&T) + Send + Sync + 'static {
        let notes = self.clone();
        move |_| notes.add(name)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

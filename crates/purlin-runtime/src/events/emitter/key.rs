//! An event of an emitter that is found once, for places that emit often.

use std::{borrow::Cow, cell::Cell, fmt, rc::Rc};

use super::{AsEvent, EventEmitter, core::Core, table::Calls};
use crate::events::EmitError;

/// The listeners of one event, found once: emitting on it spares the search by name.
///
/// What it has found is forgotten whenever listeners come or go, and so it keeps none alive.
///
/// # Examples
///
/// ```
/// use purlin_runtime::events::{Event, EventEmitter};
///
/// const TICK: Event<u64> = Event::new("tick");
///
/// let emitter = EventEmitter::new();
/// let tick = emitter.key(TICK);
/// assert!(!tick.emit(&1)?);
/// emitter.on(TICK, |number| assert_eq!(*number, 2))?;
/// assert!(tick.emit(&2)?);
/// # Ok::<(), purlin_runtime::events::EmitError>(())
/// ```
pub struct EventKey<T> {
    core: Rc<Core>,
    name: Cow<'static, str>,
    found: Rc<Found<T>>,
    /// The count of changes at which the emitter was asked to tell of the next.
    asked_at: Cell<Option<u64>>,
}

/// The listeners that a key has found; none while that has to be done anew, and while it emits.
struct Found<T>(Cell<Option<Calls<T>>>);

/// What is forgotten when listeners come or go.
pub(super) trait Forget {
    fn forget(&self);
}

impl<T> Forget for Found<T> {
    fn forget(&self) {
        drop(self.0.take());
    }
}

impl EventEmitter {
    /// Finds the listeners of an event once, for a place that emits it often.
    pub fn key<T: 'static>(&self, event: impl AsEvent<T>) -> EventKey<T> {
        EventKey {
            core: Rc::clone(&self.0),
            name: event.into_name(),
            found: Rc::new(Found(Cell::default())),
            asked_at: Cell::new(None),
        }
    }
}

impl<T: 'static> EventKey<T> {
    /// As [`EventEmitter::emit`].
    ///
    /// # Errors
    ///
    /// As [`EventEmitter::emit`].
    ///
    /// # Panics
    ///
    /// As [`EventEmitter::emit`].
    #[inline]
    pub fn emit(&self, value: &T) -> Result<bool, EmitError> {
        let found = &self.found.0;
        let Some(calls) = found.take().or_else(|| self.find()) else {
            return self.core.emit(&self.name, value);
        };
        let changes = self.core.changes();
        let emitted = self.core.call_all(&self.name, &calls, value);
        if self.core.changes() == changes {
            found.set(Some(calls));
        }
        emitted
    }

    /// The listeners, if all of them are called each time and no rule of `error` applies.
    #[cold]
    fn find(&self) -> Option<Calls<T>> {
        let calls = self.core.recall(&self.name)?;
        let changes = Some(self.core.changes());
        if self.asked_at.replace(changes) != changes {
            let found: Rc<dyn Forget> = Rc::<Found<T>>::clone(&self.found);
            self.core.forget_on_change(Rc::downgrade(&found));
        }
        Some(calls)
    }
}

impl<T> fmt::Debug for EventKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKey({:?})", self.name)
    }
}

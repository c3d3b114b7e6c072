//! The emitter of one thread, whose events have names: Node's.

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    panic::Location,
    rc::{Rc, Weak},
};

use super::{
    AnyListener, AsEvent, ERROR, EmitError, EventName, Listener, ListenerStats, SharedError,
    listener::Outcome,
};

mod builder;
mod constants;
mod core;
mod key;
mod recent;
mod table;
mod tasks;
mod wait;

pub use builder::EventEmitterBuilder;
pub use key::EventKey;
pub use wait::{EmitterGuard, WaitFor};

use self::{
    core::{Core, is_symbol},
    table::Target,
};

/// An emitter with the semantics of Node's `EventEmitter`, for one thread.
///
/// Listeners are called synchronously, in the order in which they were added, over a snapshot:
/// one added while an event is emitted is not called this time, one removed still is. A listener
/// that fails ends the emit, and its error comes out of it; a panic unwinds through it. Emits may
/// stand inside each other.
///
/// Clones are the same emitter. It stays on its thread, as everything around an event loop does,
/// and so its listeners may hold what cannot be sent; across threads use [`Events`](super::Events).
/// A listener that holds its own emitter keeps it for ever: give it a [`WeakEmitter`].
///
/// # Source
///
/// `events` of Node 20, with which random scenarios compare it. On top: types are checked, the
/// depth of emits is bounded, and failures are results, so what calls listeners returns one.
///
/// # Examples
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use purlin_runtime::events::{Event, EventEmitter};
///
/// const PLACED: Event<u64> = Event::new("placed");
///
/// let emitter = EventEmitter::new();
/// let sum = Rc::new(Cell::new(0));
/// let adding = Rc::clone(&sum);
/// let listener = emitter.on(PLACED, move |cents| adding.set(adding.get() + cents))?;
///
/// assert!(emitter.emit(PLACED, &1_299)?);
/// emitter.off(PLACED, &listener)?;
/// assert!(!emitter.emit(PLACED, &1)?);
/// assert_eq!(sum.get(), 1_299);
/// # Ok::<(), purlin_runtime::events::EmitError>(())
/// ```
#[derive(Clone)]
pub struct EventEmitter(Rc<Core>);

/// How a listener is added. Default: at the end, for every event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddOptions {
    /// It ends with its first call; it is removed just before that.
    pub once: bool,
    /// It is put in front of the others.
    pub first: bool,
}

impl AddOptions {
    const ONCE: Self = Self {
        once: true,
        first: false,
    };
    const FIRST: Self = Self {
        once: false,
        first: true,
    };
    const FIRST_ONCE: Self = Self {
        once: true,
        first: true,
    };
}

/// A listener as it stands on the list of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawListener {
    /// The listener.
    pub listener: AnyListener,
    /// Whether it ends with its first call.
    pub once: bool,
}

impl Default for EventEmitter {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl EventEmitter {
    /// Asynchronous listeners of one emitter that may run at once, unless set otherwise.
    pub const ASYNC_MAX_DEFAULT: usize = 1_024;

    /// An emitter without listeners, as [`builder`](Self::builder) makes it by default.
    #[track_caller]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Begins an emitter with settings of its own.
    pub fn builder() -> EventEmitterBuilder {
        EventEmitterBuilder::default()
    }

    /// Adds a listener behind the others.
    ///
    /// # Errors
    ///
    /// - [`EmitErrorKind::WrongType`](super::EmitErrorKind::WrongType) if the event has listeners that take something else.
    /// - What a listener of [`NEW_LISTENER`](super::NEW_LISTENER) fails with; nothing is added.
    #[track_caller]
    pub fn on<T: 'static, O: Outcome>(
        &self,
        event: impl AsEvent<T>,
        call: impl Fn(&T) -> O + 'static,
    ) -> Result<Listener<T>, EmitError> {
        self.add_new(event, Listener::new(call), AddOptions::default())
    }

    /// Adds a listener that ends with its first call.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    #[track_caller]
    pub fn once<T: 'static, O: Outcome>(
        &self,
        event: impl AsEvent<T>,
        call: impl Fn(&T) -> O + 'static,
    ) -> Result<Listener<T>, EmitError> {
        self.add_new(event, Listener::new(call), AddOptions::ONCE)
    }

    /// Adds a listener in front of the others; Node's `prependListener`.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    #[track_caller]
    pub fn prepend<T: 'static, O: Outcome>(
        &self,
        event: impl AsEvent<T>,
        call: impl Fn(&T) -> O + 'static,
    ) -> Result<Listener<T>, EmitError> {
        self.add_new(event, Listener::new(call), AddOptions::FIRST)
    }

    /// Adds a listener in front of the others that ends with its first call; Node's
    /// `prependOnceListener`.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    #[track_caller]
    pub fn prepend_once<T: 'static, O: Outcome>(
        &self,
        event: impl AsEvent<T>,
        call: impl Fn(&T) -> O + 'static,
    ) -> Result<Listener<T>, EmitError> {
        self.add_new(event, Listener::new(call), AddOptions::FIRST_ONCE)
    }

    /// Adds an asynchronous listener behind the others. Each event begins a task of this thread,
    /// at its next turn, in the current [`Context`](purlin_base::Context) and span.
    ///
    /// A listener that fails, panics or passes the
    /// [deadline](EventEmitterBuilder::async_deadline) hurts no other. Its failure is logged, or
    /// emitted as `error` with [`capture_rejections`](EventEmitterBuilder::capture_rejections).
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    ///
    /// # Panics
    ///
    /// Emitting the event panics outside a [`LocalSet`](tokio::task::LocalSet), which runs such
    /// tasks.
    #[track_caller]
    pub fn on_async<T, F>(
        &self,
        event: impl AsEvent<T>,
        call: impl Fn(T) -> F + 'static,
    ) -> Result<Listener<T>, EmitError>
    where
        T: Clone + 'static,
        F: Future<Output: Outcome> + 'static,
    {
        let name = event.into_name();
        let (emitter, of) = (self.downgrade(), name.clone());
        let listener = Listener::new(move |value: &T| {
            if let Some(emitter) = emitter.upgrade() {
                emitter.0.begin(&of, call(value.clone()));
            }
        });
        self.add_named(name, listener, AddOptions::default())
    }

    /// Adds `listener`, which may be on the list already: it is then called once more.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    #[track_caller]
    pub fn add<T: 'static>(
        &self,
        event: impl AsEvent<T>,
        listener: &Listener<T>,
        options: AddOptions,
    ) -> Result<(), EmitError> {
        let place = Location::caller();
        self.0
            .add(event.into_name(), listener.any(), options, place)
    }

    #[track_caller]
    fn add_new<T: 'static>(
        &self,
        event: impl AsEvent<T>,
        listener: Listener<T>,
        options: AddOptions,
    ) -> Result<Listener<T>, EmitError> {
        self.add_named(event.into_name(), listener, options)
    }

    #[track_caller]
    fn add_named<T: 'static>(
        &self,
        name: Cow<'static, str>,
        listener: Listener<T>,
        options: AddOptions,
    ) -> Result<Listener<T>, EmitError> {
        self.0
            .add(name, listener.any(), options, Location::caller())?;
        Ok(listener)
    }

    /// Removes `listener` from the event: where it was added more than once, the last. Whether it
    /// was there.
    ///
    /// # Errors
    ///
    /// What a listener of [`REMOVE_LISTENER`](super::REMOVE_LISTENER) fails with; `listener` is
    /// removed.
    pub fn off<T: 'static>(
        &self,
        event: impl AsEvent<T>,
        listener: &Listener<T>,
    ) -> Result<bool, EmitError> {
        let target = Target::Listener(listener.any());
        self.0.remove(event.as_name(), target)
    }

    /// Removes every listener of every event; Node's `removeAllListeners()`.
    ///
    /// # Errors
    ///
    /// - What a listener of [`REMOVE_LISTENER`](super::REMOVE_LISTENER) fails with; what was not
    ///   removed by then stays.
    /// - [`EmitErrorKind::ListChanged`](super::EmitErrorKind::ListChanged) if such a listener removes others of the list.
    pub fn remove_all(&self) -> Result<(), EmitError> {
        self.0.remove_all()
    }

    /// Removes every listener of one event, the newest first; Node's `removeAllListeners(name)`.
    ///
    /// # Errors
    ///
    /// As [`remove_all`](Self::remove_all).
    pub fn remove_all_of(&self, event: impl EventName) -> Result<(), EmitError> {
        self.0.remove_all_of(event.as_name())
    }

    /// Calls the listeners of the event, in order; whether there were any.
    ///
    /// # Errors
    ///
    /// - [`EmitErrorKind::Listener`](super::EmitErrorKind::Listener) if a listener fails: those after it are not called.
    /// - [`EmitErrorKind::Unhandled`](super::EmitErrorKind::Unhandled) for [`ERROR`] if it has no listeners.
    /// - [`EmitErrorKind::WrongType`](super::EmitErrorKind::WrongType) if the listeners take something else; none is called.
    /// - [`EmitErrorKind::TooDeep`](super::EmitErrorKind::TooDeep) if as many emits stand inside each other as may.
    ///
    /// # Panics
    ///
    /// If a listener panics; the emitter stays as good as before.
    #[inline]
    pub fn emit<T: 'static>(&self, event: impl AsEvent<T>, value: &T) -> Result<bool, EmitError> {
        match event.as_constant() {
            Some(name) => self.0.emit_constant(name, value),
            None => self.0.emit_text(event.as_name(), value),
        }
    }

    /// Emits [`ERROR`].
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit).
    pub fn emit_error(&self, error: impl Into<purlin_base::BoxError>) -> Result<bool, EmitError> {
        self.emit(ERROR, &SharedError::from(error.into()))
    }

    /// How many listeners an event has.
    pub fn listener_count(&self, event: impl EventName) -> usize {
        let snapshot = self.0.table().snapshot(event.as_name());
        snapshot.map_or(0, |it| it.as_slice().len())
    }

    /// The events that have listeners, in the order in which their first came.
    pub fn event_names(&self) -> Vec<Cow<'static, str>> {
        let mut names = self.0.table().names(is_symbol);
        names.retain(|name| !is_symbol(name));
        names
    }

    /// The listeners of an event, in order.
    pub fn listeners(&self, event: impl EventName) -> Vec<AnyListener> {
        let raw = self.raw_listeners(event).into_iter();
        raw.map(|it| it.listener).collect()
    }

    /// The listeners of an event as they stand on its list, in order.
    pub fn raw_listeners(&self, event: impl EventName) -> Vec<RawListener> {
        let snapshot = self.0.table().snapshot(event.as_name());
        let entries = snapshot.iter().flat_map(|it| it.as_slice());
        let raw = entries.map(|entry| RawListener {
            listener: entry.listener.clone(),
            once: entry.is_once(),
        });
        raw.collect()
    }

    /// From how many listeners of one event on a leak is suspected; 0: never.
    pub fn max_listeners(&self) -> usize {
        self.0.max_listeners.get()
    }

    /// Sets from how many listeners of one event on a leak is suspected; 0: never.
    pub fn set_max_listeners(&self, listeners: usize) {
        self.0.max_listeners.set(listeners);
    }

    /// Its listeners, and where they were added.
    pub fn stats(&self) -> ListenerStats {
        self.0.meter().stats()
    }

    /// The same emitter, for one of its listeners to hold.
    pub fn downgrade(&self) -> WeakEmitter {
        WeakEmitter(Rc::downgrade(&self.0))
    }
}

impl fmt::Debug for EventEmitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEmitter")
            .field("event_names", &self.event_names())
            .field("listeners", &self.stats().listeners)
            .finish_non_exhaustive()
    }
}

/// An emitter that is not kept alive by this.
#[derive(Clone)]
pub struct WeakEmitter(Weak<Core>);

impl WeakEmitter {
    /// The emitter, if it is still there.
    pub fn upgrade(&self) -> Option<EventEmitter> {
        self.0.upgrade().map(EventEmitter)
    }
}

impl fmt::Debug for WeakEmitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakEmitter")
    }
}

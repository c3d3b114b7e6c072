//! The names of events, and what an event of a name carries.

use std::{borrow::Cow, fmt, marker::PhantomData, panic::Location, sync::Arc};

use super::listener::AnyListener;

/// An error that several listeners look at.
pub type SharedError = Arc<dyn std::error::Error + Send + Sync>;

/// The name of an event together with the type of what it carries.
///
/// Make it a constant, and both ends agree on the type. A bare `"name"` is an event too: its type
/// is then inferred, and checked while the program runs.
///
/// # Examples
///
/// ```
/// use purlin_runtime::events::{Event, EventEmitter};
///
/// const SAVED: Event<u64> = Event::new("saved");
///
/// let emitter = EventEmitter::new();
/// emitter.on(SAVED, |id| assert_eq!(*id, 7))?;
/// assert!(emitter.emit(SAVED, &7)?);
/// # Ok::<(), purlin_runtime::events::EmitError>(())
/// ```
pub struct Event<T: ?Sized> {
    name: &'static str,
    carries: PhantomData<fn(&T)>,
}

impl<T: ?Sized> Event<T> {
    /// The event called `name`.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            carries: PhantomData,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<T: ?Sized> Clone for Event<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Event<T> {}

impl<T: ?Sized> fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({:?})", self.name)
    }
}

/// Something went wrong. With nobody listening, emitting it is an error: see
/// [`EventEmitter::emit`](super::EventEmitter::emit).
pub const ERROR: Event<SharedError> = Event::new("error");

/// Hears every [`ERROR`] before its listeners do, and does not count as one of them. A symbol in
/// Node, and so never among the [`event_names`](super::EventEmitter::event_names).
pub const ERROR_MONITOR: Event<SharedError> = Event::new("Symbol(events.errorMonitor)");

/// A listener is about to be added.
pub const NEW_LISTENER: Event<ListenerChange> = Event::new("newListener");

/// A listener has been removed.
pub const REMOVE_LISTENER: Event<ListenerChange> = Event::new("removeListener");

/// What [`NEW_LISTENER`] and [`REMOVE_LISTENER`] carry.
#[derive(Clone, Debug)]
pub struct ListenerChange {
    pub(super) event: Cow<'static, str>,
    pub(super) listener: AnyListener,
}

impl ListenerChange {
    /// That `listener` is added to, or was removed from, the event called `event`.
    pub fn new(event: impl EventName, listener: &AnyListener) -> Self {
        Self {
            event: event.into_name(),
            listener: listener.clone(),
        }
    }

    /// The name of the event that is listened to.
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The listener: never the wrapper that ends it after one call.
    pub fn listener(&self) -> &AnyListener {
        &self.listener
    }

    /// Where the listener was made.
    pub fn place(&self) -> &'static Location<'static> {
        self.listener.place()
    }
}

/// Anything that names an event: an [`Event`], a `&str` or a `String`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an event",
    note = "give an `Event<T>` constant, a `&str` or a `String`"
)]
pub trait EventName {
    /// The name.
    fn as_name(&self) -> &str;

    /// The name, to be kept.
    fn into_name(self) -> Cow<'static, str>;

    /// The name, if it is a part of the program: it is then found by its address.
    fn as_constant(&self) -> Option<&'static str> {
        None
    }
}

/// Anything that names an event which carries a `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an event that carries `{T}`",
    note = "an `Event<T>` carries its `T` and nothing else; a `&str` or a `String` carries anything"
)]
pub trait AsEvent<T>: EventName {}

impl<T: ?Sized> EventName for Event<T> {
    fn as_name(&self) -> &str {
        self.name
    }

    fn into_name(self) -> Cow<'static, str> {
        Cow::Borrowed(self.name)
    }

    #[inline]
    fn as_constant(&self) -> Option<&'static str> {
        Some(self.name)
    }
}

impl<T> AsEvent<T> for Event<T> {}

impl EventName for &str {
    fn as_name(&self) -> &str {
        self
    }

    fn into_name(self) -> Cow<'static, str> {
        Cow::Owned(self.to_owned())
    }
}

impl<T> AsEvent<T> for &str {}

impl EventName for String {
    fn as_name(&self) -> &str {
        self
    }

    fn into_name(self) -> Cow<'static, str> {
        Cow::Owned(self)
    }
}

impl<T> AsEvent<T> for String {}

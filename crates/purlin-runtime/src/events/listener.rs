//! Listeners: functions that can be told apart, so that one can be taken away again.

use std::{
    any::{Any, TypeId, type_name},
    fmt,
    marker::PhantomData,
    panic::Location,
    rc::{Rc, Weak},
};

use purlin_base::BoxError;

use super::EmitError;

/// What a listener may return: nothing, or a `Result` whose error is what Node would throw.
#[diagnostic::on_unimplemented(
    message = "a listener cannot return `{Self}`",
    note = "return `()`, or a `Result<(), E>` whose error converts to `Box<dyn Error + Send + Sync>`"
)]
pub trait Outcome {
    /// The result, with its error boxed.
    fn into_result(self) -> Result<(), BoxError>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}

/// The type that an event carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Payload {
    pub(super) id: TypeId,
    pub(super) name: &'static str,
}

impl Payload {
    pub(super) fn of<T: 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
        }
    }
}

/// What is emitted, which can say its type.
pub(super) trait Value: Any {
    fn payload(&self) -> Payload;
}

impl<T: Any> Value for T {
    fn payload(&self) -> Payload {
        Payload::of::<T>()
    }
}

/// The function last, so that it stands in the same allocation as what is known of it.
struct Inner<F: ?Sized> {
    payload: Payload,
    place: &'static Location<'static>,
    /// The [`Call`] of its type.
    typed: Box<dyn Any>,
    call: F,
}

type Typed<T> = dyn Fn(&T) -> Result<(), BoxError>;

/// How a listener is called by whoever knows its type.
pub(super) struct Call<T> {
    call: Rc<Typed<T>>,
    place: &'static Location<'static>,
}

impl<T> Call<T> {
    #[inline]
    pub(super) fn call(&self, event: &str, value: &T) -> Result<(), EmitError> {
        let called = (self.call)(value);
        called.map_err(|source| EmitError::of_listener(event, self.place, source))
    }
}

impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Self {
            call: Rc::clone(&self.call),
            place: self.place,
        }
    }
}

type Erased = dyn Fn(&dyn Any) -> Result<(), BoxError>;

/// A listener for an event that carries a `T`. Clones are the same listener, and equal.
///
/// One is made by [`EventEmitter::on`](super::EventEmitter::on) and its like, or here, to be added
/// more than once with [`EventEmitter::add`](super::EventEmitter::add).
pub struct Listener<T> {
    any: AnyListener,
    carries: PhantomData<fn(&T)>,
}

impl<T: 'static> Listener<T> {
    /// The listener that calls `call`, made where this is called from.
    #[track_caller]
    pub fn new<O: Outcome>(call: impl Fn(&T) -> O + 'static) -> Self {
        let place = Location::caller();
        let call: Rc<Typed<T>> = Rc::new(move |value: &T| call(value).into_result());
        let typed = Call {
            call: Rc::clone(&call),
            place,
        };
        let inner = Inner {
            payload: Payload::of::<T>(),
            place,
            typed: Box::new(typed),
            call: move |value: &dyn Any| match value.downcast_ref::<T>() {
                Some(value) => call(value),
                None => unreachable!("the emitter compares the types before it calls"),
            },
        };
        Self {
            any: AnyListener(Rc::new(inner)),
            carries: PhantomData,
        }
    }
}

impl<T> Listener<T> {
    /// The same listener without its type.
    pub fn any(&self) -> &AnyListener {
        &self.any
    }

    /// Where it was made.
    pub fn place(&self) -> &'static Location<'static> {
        self.any.place()
    }
}

impl<T> Clone for Listener<T> {
    fn clone(&self) -> Self {
        Self {
            any: self.any.clone(),
            carries: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Listener<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.any.fmt(f)
    }
}

impl<T> PartialEq for Listener<T> {
    fn eq(&self, other: &Self) -> bool {
        self.any == other.any
    }
}

impl<T> Eq for Listener<T> {}

/// A listener of any event, as a list of listeners shows it. Equal to the [`Listener`] it is.
#[derive(Clone)]
pub struct AnyListener(Rc<Inner<Erased>>);

impl AnyListener {
    /// Where it was made.
    pub fn place(&self) -> &'static Location<'static> {
        self.0.place
    }

    pub(super) fn payload(&self) -> Payload {
        self.0.payload
    }

    /// How it is called, if it takes a `T`.
    pub(super) fn typed<T: 'static>(&self) -> Option<Call<T>> {
        self.0.typed.downcast_ref().cloned()
    }

    /// Calls it. `value` is of the type of [`payload`](Self::payload).
    pub(super) fn call(&self, value: &dyn Any) -> Result<(), BoxError> {
        (self.0.call)(value)
    }
}

/// A listener that is not kept, and so neither is what it holds.
pub(super) struct WeakListener(Weak<Inner<Erased>>);

impl WeakListener {
    pub(super) fn of<T>(listener: &Listener<T>) -> Self {
        Self(Rc::downgrade(&listener.any.0))
    }

    pub(super) fn upgrade(&self) -> Option<AnyListener> {
        self.0.upgrade().map(AnyListener)
    }
}

impl fmt::Debug for AnyListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({} at {})", self.0.payload.name, self.0.place)
    }
}

impl PartialEq for AnyListener {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for AnyListener {}

impl<T> PartialEq<Listener<T>> for AnyListener {
    fn eq(&self, other: &Listener<T>) -> bool {
        *self == other.any
    }
}

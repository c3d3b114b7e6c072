//! What the loop runs: one small box for each callback, and what a callback may answer.

use std::{any::type_name, panic::Location};

use super::{EventLoop, Raised};

/// What a callback may give back: nothing, or a [`Result`] whose error is raised as Node raises an
/// exception that nothing catches.
///
/// Sealed: implemented for `()` and for every `Result<(), E>` whose error is a
/// [`BoxError`](purlin_base::BoxError) or can become one.
#[diagnostic::on_unimplemented(
    message = "a callback of the event loop cannot give back `{Self}`",
    note = "end it with `;`, or give back `Result<(), E>` with an error type that is `Send + Sync`"
)]
pub trait Outcome: sealed::Sealed {
    /// The answer, with any error as the loop keeps it.
    #[doc(hidden)]
    fn into_result(self) -> Result<(), Raised>;
}

impl Outcome for () {
    #[inline]
    fn into_result(self) -> Result<(), Raised> {
        Ok(())
    }
}

impl<E: Into<purlin_base::BoxError>> Outcome for Result<(), E> {
    #[inline]
    fn into_result(self) -> Result<(), Raised> {
        self.map_err(|error| Raised::error(error.into()))
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<E> Sealed for Result<(), E> {}
}

/// A callback that runs once. A trait of its own rather than `FnOnce`, so that the name comes with
/// the code and takes no room in the queue.
pub(super) trait Once {
    fn call(self: Box<Self>, event_loop: &EventLoop) -> Result<(), Raised>;
    fn name(&self) -> &'static str;
}

impl<F, R> Once for F
where
    F: FnOnce(&EventLoop) -> R,
    R: Outcome,
{
    #[inline]
    fn call(self: Box<Self>, event_loop: &EventLoop) -> Result<(), Raised> {
        self(event_loop).into_result()
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

/// A callback in a queue, with the place that put it there.
pub(super) struct Queued {
    pub(super) run: Box<dyn Once>,
    pub(super) place: Place,
}

/// Where a callback was handed to the loop.
pub(super) type Place = &'static Location<'static>;

impl Queued {
    pub(super) fn new(run: impl Once + 'static, place: Place) -> Self {
        let run = Box::new(run);
        Self { run, place }
    }
}

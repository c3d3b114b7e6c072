//! How work that has begun is asked to stop.
//!
//! A thread cannot be ended from outside: it may hold a lock, or be half-way through a change. So
//! stopping is a question, and work that runs for long asks for it between two pieces.

use std::{pin::pin, sync::Arc, time::Instant};

use purlin_base::{Classified, ErrorClass, ErrorClasses};

use super::sync::{
    Notify,
    atomic::{AtomicBool, Ordering::SeqCst},
};

/// Tells work that has begun whether it should stop. Cheap to clone and to ask: an atomic read,
/// and a look at the clock if there is a deadline.
///
/// # Examples
///
/// ```
/// use purlin_runtime::{StopToken, Stopped};
///
/// fn sum(numbers: &[u64], stop: &StopToken) -> Result<u64, Stopped> {
///     let mut sum = 0;
///     for piece in numbers.chunks(1_000) {
///         stop.check()?;
///         sum += piece.iter().sum::<u64>();
///     }
///     Ok(sum)
/// }
///
/// assert_eq!(sum(&[1, 2, 3], &StopToken::never()), Ok(6));
/// ```
#[derive(Clone, Debug)]
pub struct StopToken {
    own: Arc<Flag>,
    /// That of whoever owns the work: when it stops, everything below it does.
    above: Option<Arc<Flag>>,
    deadline: Option<Instant>,
}

/// The work was asked to stop before it had ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work was asked to stop")]
pub struct Stopped;

impl Classified for Stopped {
    fn class(&self) -> ErrorClass {
        ErrorClass::Unavailable
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Unavailable.into()
    }

    fn code(&self) -> &'static str {
        "WORKER_STOPPED"
    }
}

impl StopToken {
    /// A token that never asks to stop, for work that is called directly.
    pub fn never() -> Self {
        Self::of(Arc::default())
    }

    pub(crate) fn of(own: Arc<Flag>) -> Self {
        Self {
            own,
            above: None,
            deadline: None,
        }
    }

    pub(crate) fn below(mut self, above: &Arc<Flag>) -> Self {
        self.above = Some(Arc::clone(above));
        self
    }

    pub(crate) fn until(mut self, deadline: Option<Instant>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Whether the work should stop: it was asked to, or its deadline has passed.
    pub fn is_stopped(&self) -> bool {
        let raised = |flag: &Arc<Flag>| flag.is_raised();
        raised(&self.own)
            || self.above.as_ref().is_some_and(raised)
            || self
                .deadline
                .is_some_and(|deadline| deadline <= Instant::now())
    }

    /// [`is_stopped`](Self::is_stopped) as an error, for `?`.
    ///
    /// # Errors
    ///
    /// [`Stopped`].
    pub fn check(&self) -> Result<(), Stopped> {
        if self.is_stopped() {
            Err(Stopped)
        } else {
            Ok(())
        }
    }

    /// When the work should have ended.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

/// Raised once, never lowered.
#[derive(Debug, Default)]
pub(crate) struct Flag {
    raised: AtomicBool,
    changed: Notify,
}

impl Flag {
    pub(crate) fn raise(&self) {
        self.raised.store(true, SeqCst);
        self.changed.notify_waiters();
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(SeqCst)
    }

    /// Waits until it is raised.
    pub(crate) async fn raised(&self) {
        let mut changed = pin!(self.changed.notified());
        // Enlisted before the look, so that a raise in between is not missed.
        changed.as_mut().enable();
        if !self.is_raised() {
            changed.await;
        }
    }
}

/// Raises its flag when dropped: whoever waits for the work has gone.
pub(crate) struct RaiseOnDrop(pub(crate) Arc<Flag>);

impl Drop for RaiseOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

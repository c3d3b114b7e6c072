//! Why an event was not dealt with.

use std::panic::Location;

use purlin_base::{BoxError, Classified, ErrorClass, ErrorClasses};

use super::SharedError;

/// Why an emitter could not do what it was asked to; [`kind`](Self::kind) says more.
///
/// Whatever calls listeners can fail with one: `emit`, and where there are listeners for
/// `newListener` or `removeListener` also what adds and removes. It is one pointer, so that an emit
/// that goes well answers in registers.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EmitError(Box<EmitErrorKind>);

/// What an [`EmitError`] is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitErrorKind {
    /// A listener failed; those after it were not called.
    #[error("a listener of `{event}`, made at {place}, failed")]
    Listener {
        /// The event.
        event: String,
        /// Where the listener was made.
        place: &'static Location<'static>,
        /// What it returned.
        #[source]
        source: BoxError,
    },
    /// An `error` was emitted and nobody listens: the error itself, as Node throws it.
    #[error("nobody listens for `error`")]
    Unhandled(#[source] SharedError),
    /// The name is in use for events that carry something else.
    #[error("`{event}` carries {carried}, not {given}")]
    WrongType {
        /// The event.
        event: String,
        /// The type that its listeners take.
        carried: &'static str,
        /// The type that was given.
        given: &'static str,
    },
    /// Listeners emit inside emits, more deeply than may be.
    #[error("`{event}` was emitted {depth_max} emits deep")]
    TooDeep {
        /// The event.
        event: String,
        /// How deep emits may stand inside each other.
        depth_max: u32,
    },
    /// `error` was emitted while something else was waited for.
    #[error("`error` was emitted while another event was waited for")]
    Instead(#[source] SharedError),
    /// What was waited for cannot come any more: the emitter is gone, or its listeners were
    /// removed.
    #[error("the event that is waited for can no longer come")]
    Gone,
    /// Listeners of `removeListener` took away what `remove_all` was still to remove. Nothing is
    /// left half done: what was there is gone, what was added meanwhile may stand.
    #[error("the listeners of `{event}` changed while all of them were removed")]
    ListChanged {
        /// The event.
        event: String,
    },
}

impl EmitError {
    /// Why.
    pub fn kind(&self) -> &EmitErrorKind {
        &self.0
    }

    /// What `listener` returned: an error of an emit inside it goes on as it is.
    #[cold]
    pub(super) fn of_listener(
        event: &str,
        place: &'static Location<'static>,
        source: BoxError,
    ) -> Self {
        match source.downcast::<Self>() {
            Ok(inner) => *inner,
            Err(source) => EmitErrorKind::Listener {
                event: event.to_owned(),
                place,
                source,
            }
            .into(),
        }
    }
}

impl From<EmitErrorKind> for EmitError {
    #[cold]
    fn from(kind: EmitErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl Classified for EmitError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }

    fn code(&self) -> &'static str {
        match self.kind() {
            EmitErrorKind::Listener { .. } => "EVENTS_LISTENER_FAILED",
            EmitErrorKind::Unhandled(_) => "EVENTS_UNHANDLED_ERROR",
            EmitErrorKind::WrongType { .. } => "EVENTS_WRONG_TYPE",
            EmitErrorKind::TooDeep { .. } => "EVENTS_TOO_DEEP",
            EmitErrorKind::Instead(_) => "EVENTS_ERROR_INSTEAD",
            EmitErrorKind::Gone => "EVENTS_GONE",
            EmitErrorKind::ListChanged { .. } => "EVENTS_LIST_CHANGED",
        }
    }
}

/// Why one listener has failed, where failures are kept apart from each other.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenerError {
    /// It returned this error.
    #[error("the listener failed")]
    Failed(#[source] BoxError),
    /// It panicked. What it had changed by then stays changed.
    #[error("the listener panicked: {message}")]
    Panicked {
        /// What the panic said, at most
        /// [`PANIC_MESSAGE_BYTES_MAX`](Self::PANIC_MESSAGE_BYTES_MAX).
        message: String,
    },
    /// It was not done by its deadline, and was dropped.
    #[error("the listener was not done after {0:?}")]
    Deadline(std::time::Duration),
    /// As many asynchronous listeners run as may; this one was not begun.
    #[error("{async_max} asynchronous listeners run, as many as may")]
    Busy {
        /// Asynchronous listeners that may run at once.
        async_max: usize,
    },
    /// Listeners emit inside emits, more deeply than may be; none was called.
    #[error("an event was emitted {depth_max} emits deep")]
    TooDeep {
        /// How deep emits may stand inside each other.
        depth_max: u32,
    },
}

impl ListenerError {
    /// How much of a panic's message is kept, in bytes.
    pub const PANIC_MESSAGE_BYTES_MAX: usize = 1_024;
}

impl Classified for ListenerError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Failed(_) | Self::Panicked { .. } | Self::TooDeep { .. } => ErrorClass::Internal,
            Self::Deadline(_) => ErrorClass::Timeout,
            Self::Busy { .. } => ErrorClass::Unavailable,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::Internal,
            ErrorClass::Timeout,
            ErrorClass::Unavailable,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Failed(_) => "EVENTS_FAILED",
            Self::Panicked { .. } => "EVENTS_PANICKED",
            Self::Deadline(_) => "EVENTS_DEADLINE",
            Self::Busy { .. } => "EVENTS_BUSY",
            Self::TooDeep { .. } => "EVENTS_TOO_DEEP",
        }
    }
}

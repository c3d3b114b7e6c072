//! What a callback raised and nothing caught.

use std::{any::Any, error::Error, fmt, panic::Location, sync::Arc};

use purlin_base::{BoxError, Classified, ErrorClass, ErrorClasses};

/// What a callback or a local future raised: an error that it gave back, or a panic.
///
/// Cheap to clone, so that whoever waits for a task and the handler of the loop can both have it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Raised {
    /// The error that was given back.
    Error(Arc<dyn Error + Send + Sync>),
    /// What a panic said, at most [`PANIC_MESSAGE_BYTES_MAX`](Self::PANIC_MESSAGE_BYTES_MAX).
    Panic(Arc<str>),
}

impl Raised {
    /// How much of a panic's message is kept, in bytes.
    pub const PANIC_MESSAGE_BYTES_MAX: usize = 1_024;

    pub(super) fn error(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(raised) => *raised, // Handed on by `?`: it is not wrapped a second time.
            Err(error) => Self::Error(Arc::from(error)),
        }
    }

    /// Keeps the message of a panic. The payload is dropped where a second panic is contained.
    pub(super) fn panic(payload: Box<dyn Any + Send>) -> Self {
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("(no message)");
        let end = message.floor_char_boundary(Self::PANIC_MESSAGE_BYTES_MAX);
        let message = Arc::from(&message[..end]);
        super::contain::quietly(|| drop(payload));
        Self::Panic(message)
    }

    /// Whether it was a panic: a fault in the callback, rather than an error that it gave back.
    pub fn is_panic(&self) -> bool {
        matches!(self, Self::Panic(_))
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Panic(message) => write!(f, "panicked: {message}"),
        }
    }
}

impl Error for Raised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Error(error) => error.source(),
            Self::Panic(_) => None,
        }
    }
}

/// In which of the loop's queues a callback stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The program that [`EventLoop::run`](super::EventLoop::run) was given.
    Main,
    /// [`next_tick`](super::EventLoop::next_tick).
    Tick,
    /// [`queue_microtask`](super::EventLoop::queue_microtask), or a local future that was polled.
    Microtask,
    /// A local future that ended with an error nobody waited for.
    Rejection,
    /// [`set_timeout`](super::EventLoop::set_timeout), [`set_interval`](super::EventLoop::set_interval).
    Timer,
    /// The poll phase: the end of blocking work, a message from another thread.
    Poll,
    /// [`set_immediate`](super::EventLoop::set_immediate).
    Immediate,
    /// [`queue_close`](super::EventLoop::queue_close).
    Close,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Main => "main",
            Self::Tick => "tick",
            Self::Microtask => "microtask",
            Self::Rejection => "rejection",
            Self::Timer => "timer",
            Self::Poll => "poll",
            Self::Immediate => "immediate",
            Self::Close => "close",
        })
    }
}

/// An error or a panic that nothing caught, with the callback it came out of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Uncaught {
    /// What was raised.
    pub raised: Raised,
    /// The queue that the callback stood in.
    pub origin: Origin,
    /// The line that handed the callback to the loop.
    pub place: &'static Location<'static>,
}

/// Why a loop ended before there was nothing left to do.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoopError {
    /// A callback raised what nothing caught: handle it in the callback, or install a handler by
    /// [`on_uncaught`](super::EventLoop::on_uncaught).
    #[error("a {} callback of {} raised: {}", .0.origin, .0.place, .0.raised)]
    Uncaught(Uncaught),
    /// The handler of what is uncaught raised or panicked itself.
    #[error("the handler of uncaught errors failed on one of {}: {}", .0.place, .0.raised)]
    Handler(Uncaught),
    /// The runtime that the loop runs in could not be made.
    #[error("no runtime could be made for the event loop")]
    Runtime(#[source] Arc<std::io::Error>),
    /// The operating system gave no thread.
    #[error("no thread could be started for the event loop")]
    Thread(#[source] Arc<std::io::Error>),
    /// An option is out of its bounds.
    #[error("`{option}` of the event loop is {given}, expected {expected}")]
    Option {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// The loop has ended, or holds as many messages from other threads as it may.
    #[error("the event loop takes no message: it {}", if *.ended { "has ended" } else { "is full" })]
    NotSent {
        /// Whether the loop has ended; else it may have room later.
        ended: bool,
    },
}

impl Classified for LoopError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotSent { .. } => ErrorClass::Unavailable,
            _ => ErrorClass::Internal,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[ErrorClass::Internal, ErrorClass::Unavailable])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Uncaught(_) => "LOOP_UNCAUGHT",
            Self::Handler(_) => "LOOP_HANDLER",
            Self::Runtime(_) => "LOOP_RUNTIME",
            Self::Thread(_) => "LOOP_THREAD",
            Self::Option { .. } => "LOOP_OPTION",
            Self::NotSent { .. } => "LOOP_NOT_SENT",
        }
    }
}

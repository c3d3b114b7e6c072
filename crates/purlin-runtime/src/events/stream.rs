//! Events as a stream.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use purlin_base::{
    Classified, ErrorClass, ErrorClasses,
    live::{Live, LiveKind},
};

use super::{
    SharedError, Subscription,
    mailbox::{Letter, Receiver},
};

/// The events of one kind from when the stream was made on, in their order, in a bounded queue.
///
/// Whoever reads too slowly loses the oldest events, and is told how many. The stream ends with
/// what it listens to, or after an `error`. Dropping it takes its listeners away.
///
/// Made by [`Events::stream`](super::Events::stream) and
/// [`EventEmitter::stream`](super::EventEmitter::stream), which keep it by a `Guard` of their own.
#[must_use = "a stream that is dropped no longer listens"]
pub struct EventStream<T, Guard = Subscription> {
    /// Before the receiver, so that nothing is sent to nobody.
    _guard: Guard,
    receiver: Receiver<T>,
    _alive: Live,
}

/// Why a stream of events has no event to give.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The reader was too slow. The stream goes on with what is in the queue.
    #[error("{missed} events were dropped, since they were not read in time")]
    Lagged {
        /// How many, the oldest of their time.
        missed: u64,
    },
    /// `error` was emitted. The stream has ended.
    #[error("`error` was emitted")]
    Error(#[source] SharedError),
}

impl Classified for StreamError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Lagged { .. } => ErrorClass::Unavailable,
            Self::Error(_) => ErrorClass::Internal,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[ErrorClass::Internal, ErrorClass::Unavailable])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Lagged { .. } => "EVENTS_STREAM_LAGGED",
            Self::Error(_) => "EVENTS_STREAM_ERROR",
        }
    }
}

impl<T, Guard> EventStream<T, Guard> {
    #[track_caller]
    pub(super) fn new(guard: Guard, receiver: Receiver<T>) -> Self {
        Self {
            _guard: guard,
            receiver,
            _alive: Live::begin(LiveKind::Subscription),
        }
    }

    /// The next event; `None` once the stream has ended.
    ///
    /// # Errors
    ///
    /// - [`StreamError::Lagged`] if events were dropped; the next call goes on.
    /// - [`StreamError::Error`] if `error` was emitted; the stream has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Result<T, StreamError>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Option<Result<T, StreamError>>> {
        let letter = ready!(self.receiver.poll(cx));
        Poll::Ready(letter.map(|letter| match letter {
            Letter::Event(event) => Ok(event),
            Letter::Missed(missed) => Err(StreamError::Lagged { missed }),
            Letter::Failed(error) => Err(StreamError::Error(error)),
        }))
    }
}

impl<T, Guard: Unpin> Stream for EventStream<T, Guard> {
    type Item = Result<T, StreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T, Guard> fmt::Debug for EventStream<T, Guard> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").finish_non_exhaustive()
    }
}

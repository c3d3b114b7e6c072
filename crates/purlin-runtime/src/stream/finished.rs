//! Telling from outside how a stream came to its end.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};
use tokio::sync::oneshot;

use super::{Readable, StreamError, Writable};

/// Tells how a stream came to its end, wherever it has gone: Node's `finished`.
///
/// Made by [`Readable::finished`] and [`Writable::finished`].
///
/// # Errors
///
/// The error of the stream, or [`StreamError::PrematureClose`] if it was dropped before its end.
///
/// # Cancel safety
///
/// Dropping it changes nothing for the stream.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Readable, StreamError};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let (readable, finished) = Readable::iter([1, 2, 3]).finished();
/// drop(readable);
/// assert!(matches!(finished.await, Err(StreamError::PrematureClose)));
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it tells only whoever awaits it"]
pub struct Finished(oneshot::Receiver<Result<(), StreamError>>);

impl Future for Finished {
    type Output = Result<(), StreamError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let told = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(told.unwrap_or(Err(StreamError::PrematureClose)))
    }
}

impl fmt::Debug for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finished").finish_non_exhaustive()
    }
}

/// A stream, and whom to tell.
struct Watched<S> {
    stream: S,
    tell: Option<oneshot::Sender<Result<(), StreamError>>>,
}

impl<S> Watched<S> {
    fn tell(&mut self, how: Result<(), StreamError>) {
        if let Some(tell) = self.tell.take() {
            let _ = tell.send(how); // Nobody may be waiting.
        }
    }

    fn failed(&mut self, error: StreamError) -> StreamError {
        self.tell(Err(error.clone()));
        error
    }
}

impl<'a, T: Send + 'a> Readable<'a, T> {
    /// The same stream, and a future that tells how it came to its end.
    pub fn finished(self) -> (Self, Finished) {
        let (tell, told) = oneshot::channel();
        let tell = Some(tell);
        let watched = Watched { stream: self, tell };
        (Self::chunks(watched), Finished(told))
    }
}

impl<T> Stream for Watched<Readable<'_, T>> {
    type Item = Result<T, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.stream).poll_next(cx));
        match &next {
            Some(Ok(_)) => {}
            Some(Err(error)) => self.tell(Err(error.clone())),
            None => self.tell(Ok(())),
        }
        Poll::Ready(next)
    }
}

impl<'a, T: Send + 'a> Writable<'a, T> {
    /// The same stream, and a future that tells how it came to its end: once everything is written
    /// and closed.
    pub fn finished(self) -> (Self, Finished) {
        let (tell, told) = oneshot::channel();
        let tell = Some(tell);
        let watched = Watched { stream: self, tell };
        (Self::of(watched), Finished(told))
    }
}

impl<T> Sink<T> for Watched<Writable<'_, T>> {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let ready = ready!(Pin::new(&mut self.stream).poll_ready(cx));
        Poll::Ready(ready.map_err(|error| self.failed(error)))
    }

    fn start_send(mut self: Pin<&mut Self>, chunk: T) -> Result<(), StreamError> {
        let sent = Pin::new(&mut self.stream).start_send(chunk);
        sent.map_err(|error| self.failed(error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(flushed.map_err(|error| self.failed(error)))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let closed = ready!(Pin::new(&mut self.stream).poll_close(cx));
        closed.map_err(|error| self.failed(error))?;
        self.tell(Ok(()));
        Poll::Ready(Ok(()))
    }
}

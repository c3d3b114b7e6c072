//! What stands in the middle of a pipeline: chunks go in, other chunks come out.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::Stream;

use super::{
    OnPool, Readable, StreamError,
    weight::{high_water, weight},
};
use crate::CpuPool;

/// Turns chunks into other chunks, without waiting for anything.
///
/// A transform is Node's `Transform`, asked instead of calling back: after each
/// [`write`](Self::write) it is [`read`](Self::read) until it has nothing more, so it never holds
/// more than one chunk makes, and it makes that piece by piece. That is what keeps memory flat when
/// a small chunk becomes a very large one, as in decompression.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use purlin_runtime::stream::{Readable, StreamError, Transform, pipeline};
///
/// /// Counts what passes, and says so at the end.
/// #[derive(Default)]
/// struct Count {
///     seen: usize,
///     total: Option<usize>,
/// }
///
/// impl Transform for Count {
///     type In = Bytes;
///     type Out = usize;
///
///     fn write(&mut self, chunk: Bytes) -> Result<(), StreamError> {
///         self.seen += chunk.len();
///         Ok(())
///     }
///
///     fn end(&mut self) -> Result<(), StreamError> {
///         self.total = Some(self.seen);
///         Ok(())
///     }
///
///     fn read(&mut self) -> Result<Option<usize>, StreamError> {
///         Ok(self.total.take())
///     }
/// }
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let source = Readable::reader(&b"Call me Ishmael."[..]);
/// assert_eq!(pipeline(source).through(Count::default()).collect(1).await?, [16]);
/// # Ok::<(), StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Transform: Send {
    /// What goes in.
    type In;
    /// What comes out.
    type Out;

    /// Takes a chunk in. Is called only when [`read`](Self::read) had nothing more.
    ///
    /// # Errors
    ///
    /// Any error ends the pipeline; nothing is asked of the transform afterwards.
    fn write(&mut self, chunk: Self::In) -> Result<(), StreamError>;

    /// Is told that nothing more comes in: Node's `flush`. What is held comes out of the following
    /// calls of [`read`](Self::read), and the first `None` is the end of the stream. Does nothing
    /// by default.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); so a stream that ends in the middle of something is told.
    fn end(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    /// The next chunk that comes out; `None` if that needs more input.
    ///
    /// One call should take well under a millisecond, or the transform belongs on a pool.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    fn read(&mut self) -> Result<Option<Self::Out>, StreamError>;

    /// Runs the transform on `pool` instead of the executor's thread: one chunk is one job. For
    /// compression, and whatever else computes for more than about 100 µs.
    fn on(self, pool: &CpuPool) -> OnPool<Self>
    where
        Self: Sized,
    {
        OnPool::new(self, pool)
    }
}

/// Anything that can stand in the middle of a pipeline: every [`Transform`], and what has to wait
/// for something, as [`Throttle`](super::Throttle) or [`Duplex`](super::Duplex).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a pipeline of `{T}`",
    note = "implement `Transform<In = {T}>` for it, or put what makes `{T}` out of the chunks before it"
)]
pub trait Stage<'a, T> {
    /// What comes out.
    type Out;

    /// Reads from `source` what comes out of the returned stream. Errors of `source` are handed
    /// on, and both are dropped together.
    fn attach(self, source: Readable<'a, T>) -> Readable<'a, Self::Out>;
}

impl<'a, X> Stage<'a, X::In> for X
where
    X: Transform + 'a,
    X::In: Send + 'static,
    X::Out: 'static,
{
    type Out = X::Out;

    fn attach(self, source: Readable<'a, X::In>) -> Readable<'a, X::Out> {
        Readable::chunks(Inline {
            transform: Box::new(self),
            source: Some(source),
            turn: 0,
        })
    }
}

/// A transform on the executor's thread.
struct Inline<'a, X: Transform> {
    transform: Box<X>,
    /// `None` once it has ended.
    source: Option<Readable<'a, X::In>>,
    /// What was taken in during this turn of the executor.
    turn: usize,
}

impl<X: Transform> Unpin for Inline<'_, X> {}

impl<X> Stream for Inline<'_, X>
where
    X: Transform,
    X::In: 'static,
{
    type Item = Result<X::Out, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(chunk) = this.transform.read()? {
                return Poll::Ready(Some(Ok(chunk)));
            }
            let Some(source) = &mut this.source else {
                return Poll::Ready(None);
            };
            // A source that always has something must not keep others from their turn.
            if this.turn >= high_water::<X::In>() {
                this.turn = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match ready!(Pin::new(source).poll_next(cx)).transpose()? {
                Some(chunk) => {
                    this.turn += weight(&chunk);
                    this.transform.write(chunk)?;
                }
                None => {
                    this.source = None;
                    this.transform.end()?;
                }
            }
        }
    }
}

//! Where a pipeline ends: something that chunks are written to.

use std::{
    fmt, io,
    marker::PhantomData,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use futures_util::{Sink, SinkExt};
use purlin_base::BoxError;
use tokio::io::AsyncWrite;

use super::{StreamError, readable::blocking};

/// Something that chunks are written to: [`Bytes`], or objects of any type.
///
/// A `Writable` is a [`Sink`]: it is asked whether it has room (`poll_ready`), given a chunk, and in
/// the end closed, which is Node's `end`. Dropping it before that is Node's `destroy`: it frees
/// whatever it writes to, and what was not written is not.
///
/// See [`Readable`](super::Readable) for an example.
#[must_use = "nothing is written until something is sent"]
pub struct Writable<'a, T> {
    /// `None` once it has been closed or has failed.
    sink: Option<Pin<Box<dyn Sink<T, Error = StreamError> + Send + 'a>>>,
}

impl<'a, T> Writable<'a, T> {
    /// The items go into a sink.
    pub fn sink<S>(sink: S) -> Self
    where
        S: Sink<T> + Send + 'a,
        S::Error: Into<BoxError>,
        T: 'a,
    {
        Self::of(sink.sink_map_err(StreamError::failed))
    }

    /// Each chunk is handed to `take`, which must not block; an error ends the pipeline.
    pub fn for_each<E>(take: impl FnMut(T) -> Result<(), E> + Send + 'a) -> Self
    where
        E: Into<BoxError>,
        T: 'a,
    {
        Self::of(ForEach(take, PhantomData))
    }

    pub(super) fn of(sink: impl Sink<T, Error = StreamError> + Send + 'a) -> Self {
        Self {
            sink: Some(Box::pin(sink)),
        }
    }

    /// Runs one step of the sink, and frees it if the step fails.
    fn step(
        &mut self,
        poll: impl FnOnce(
            Pin<&mut (dyn Sink<T, Error = StreamError> + Send + 'a)>,
        ) -> Poll<Result<(), StreamError>>,
    ) -> Poll<Result<(), StreamError>> {
        let Some(sink) = &mut self.sink else {
            return Poll::Ready(Err(StreamError::WriteAfterEnd));
        };
        let done = ready!(poll(sink.as_mut()));
        if done.is_err() {
            self.sink = None;
        }
        Poll::Ready(done)
    }
}

impl<'a> Writable<'a, Bytes> {
    /// The bytes go into an `AsyncWrite`, which is flushed and shut down at the end.
    pub fn writer(writer: impl AsyncWrite + Send + 'a) -> Self {
        Self::of(Writing {
            writer: Box::pin(writer),
            chunk: Bytes::new(),
        })
    }

    /// The bytes go into an open file, where it stands. Each chunk is written on tokio's threads
    /// for what blocks. The end does not wait for the disk (no `fsync`).
    ///
    /// # Panics
    ///
    /// When it is written to outside a tokio runtime.
    pub fn file(file: std::fs::File) -> Self {
        use std::io::Write as _;
        let file = Arc::new(file);
        let write = move |(), chunk: Bytes| {
            let file = Arc::clone(&file);
            blocking(move || (&*file).write_all(&chunk))
        };
        Self::of(futures_util::sink::unfold((), write))
    }

    /// Makes a file at `path`, or empties the one that is there, and writes to it as
    /// [`file`](Self::file).
    ///
    /// After an error the file holds what was written by then: write under another name and
    /// rename it, if a part must never look like the whole.
    ///
    /// # Errors
    ///
    /// [`StreamError::Io`] if it cannot be made.
    ///
    /// # Panics
    ///
    /// When called outside a tokio runtime.
    pub async fn create(path: impl AsRef<Path>) -> Result<Self, StreamError> {
        let path = path.as_ref().to_owned();
        let file = blocking(move || std::fs::File::create(path)).await?;
        Ok(Self::file(file))
    }
}

impl<T> Sink<T> for Writable<'_, T> {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.step(|sink| sink.poll_ready(cx))
    }

    fn start_send(mut self: Pin<&mut Self>, chunk: T) -> Result<(), StreamError> {
        let sink = self.sink.as_mut().ok_or(StreamError::WriteAfterEnd)?;
        let sent = sink.as_mut().start_send(chunk);
        if sent.is_err() {
            self.sink = None;
        }
        sent
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        if self.sink.is_none() {
            return Poll::Ready(Ok(()));
        }
        self.step(|sink| sink.poll_flush(cx))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        if self.sink.is_none() {
            return Poll::Ready(Ok(()));
        }
        ready!(self.step(|sink| sink.poll_close(cx)))?;
        self.sink = None;
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for Writable<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writable")
            .field("ended", &self.sink.is_none())
            .finish()
    }
}

/// An `AsyncWrite` as a sink of one chunk at a time.
struct Writing<W> {
    writer: Pin<Box<W>>,
    /// What is still to be written.
    chunk: Bytes,
}

impl<W: AsyncWrite> Sink<Bytes> for Writing<W> {
    type Error = StreamError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let Self { writer, chunk } = &mut *self;
        while !chunk.is_empty() {
            match ready!(writer.as_mut().poll_write(cx, chunk))? {
                0 => return Poll::Ready(Err(io::Error::from(io::ErrorKind::WriteZero).into())),
                written => chunk.advance(written),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, chunk: Bytes) -> Result<(), StreamError> {
        self.chunk = chunk;
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        ready!(self.as_mut().poll_ready(cx))?;
        self.writer.as_mut().poll_flush(cx).map_err(Into::into)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        ready!(self.as_mut().poll_flush(cx))?;
        self.writer.as_mut().poll_shutdown(cx).map_err(Into::into)
    }
}

struct ForEach<T, F>(F, PhantomData<fn(T)>);

impl<T, F> Unpin for ForEach<T, F> {}

impl<T, E: Into<BoxError>, F: FnMut(T) -> Result<(), E>> Sink<T> for ForEach<T, F> {
    type Error = StreamError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, chunk: T) -> Result<(), StreamError> {
        (self.0)(chunk).map_err(StreamError::failed)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        Poll::Ready(Ok(()))
    }
}

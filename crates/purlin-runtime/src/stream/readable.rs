//! Where a pipeline begins: something that chunks are read from.

use std::{
    fmt, io,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use purlin_base::BoxError;
use tokio::io::{AsyncRead, ReadBuf};

use super::{HIGH_WATER_BYTES, StreamError};

/// Something that chunks are read from: [`Bytes`], or objects of any type.
///
/// A `Readable` is a [`Stream`] of results. It ends with `None`, or with one error, after which
/// nothing comes. It is asked for a chunk only when there is room for one, and dropping it frees
/// whatever it reads from: that is Node's `destroy`.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use purlin_runtime::stream::{Readable, Writable, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let mut file = Vec::new(); // Anything that is `AsyncRead` and `AsyncWrite` will do.
/// let source = Readable::reader(&b"Call me Ishmael."[..]);
/// let moved = pipeline(source).into(Writable::writer(&mut file)).await?;
/// assert_eq!((moved.written, &file[..]), (16, &b"Call me Ishmael."[..]));
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is read until somebody asks"]
pub struct Readable<'a, T> {
    /// `None` once it has ended, so that what it reads from is freed at once.
    chunks: Option<Chunks<'a, T>>,
}

type Chunks<'a, T> = Pin<Box<dyn Stream<Item = Result<T, StreamError>> + Send + 'a>>;

impl<'a, T> Readable<'a, T> {
    /// The items of a stream of results. Any error ends it.
    pub fn stream<S, E>(items: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + Send + 'a,
        E: Into<BoxError> + 'a,
        T: 'a,
    {
        Self::chunks(items.map(|item| item.map_err(StreamError::failed)))
    }

    /// The items of an iterator: Node's `Readable.from`. It must not block.
    pub fn iter<I>(items: I) -> Self
    where
        I: IntoIterator<Item = T>,
        I::IntoIter: Send + 'a,
        T: Send + 'a,
    {
        Self::chunks(stream::iter(items.into_iter().map(Ok)))
    }

    pub(super) fn chunks(chunks: impl Stream<Item = Result<T, StreamError>> + Send + 'a) -> Self {
        Self {
            chunks: Some(Box::pin(chunks)),
        }
    }
}

impl<'a> Readable<'a, Bytes> {
    /// The bytes of an `AsyncRead`, in chunks of at most [`HIGH_WATER_BYTES`].
    pub fn reader(reader: impl AsyncRead + Send + 'a) -> Self {
        Self::chunks(Reading {
            reader: Box::pin(reader),
            buffer: BytesMut::new(),
        })
    }

    /// The bytes of an open file, from where it stands, in chunks of at most
    /// [`FILE_CHUNK_BYTES`](Self::FILE_CHUNK_BYTES). Each is read on tokio's threads for what
    /// blocks.
    ///
    /// # Panics
    ///
    /// When it is read outside a tokio runtime.
    pub fn file(file: std::fs::File) -> Self {
        let file = Arc::new(file);
        Self::chunks(stream::try_unfold(file, async |file| {
            let chunk = blocking(move || read_file(&file).map(|chunk| (chunk, file))).await?;
            Ok::<_, StreamError>((!chunk.0.is_empty()).then_some(chunk))
        }))
    }

    /// Opens the file at `path` and reads it from its beginning, as [`file`](Self::file).
    ///
    /// # Errors
    ///
    /// [`StreamError::Io`] if it cannot be opened.
    ///
    /// # Panics
    ///
    /// When called outside a tokio runtime.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StreamError> {
        let path = path.as_ref().to_owned();
        let file = blocking(move || std::fs::File::open(path)).await?;
        Ok(Self::file(file))
    }

    /// Bytes of a file that are read at once.
    pub const FILE_CHUNK_BYTES: usize = 128 * 1024;
}

fn read_file(file: &std::fs::File) -> io::Result<Bytes> {
    use std::io::Read as _;
    let mut chunk = Vec::with_capacity(Readable::FILE_CHUNK_BYTES);
    file.take(Readable::FILE_CHUNK_BYTES as u64)
        .read_to_end(&mut chunk)?;
    Ok(chunk.into())
}

/// Runs what blocks where blocking is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StreamError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(io::Error::other)??)
}

impl<T> Stream for Readable<'_, T> {
    type Item = Result<T, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(chunks) = &mut self.chunks else {
            return Poll::Ready(None);
        };
        let next = std::task::ready!(chunks.as_mut().poll_next(cx));
        if !matches!(next, Some(Ok(_))) {
            self.chunks = None;
        }
        Poll::Ready(next)
    }
}

impl<T> fmt::Debug for Readable<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readable")
            .field("ended", &self.chunks.is_none())
            .finish()
    }
}

/// An `AsyncRead` as chunks.
struct Reading<R> {
    reader: Pin<Box<R>>,
    /// Chunks are cut from it, so that small reads share one allocation.
    buffer: BytesMut,
}

impl<R: AsyncRead> Stream for Reading<R> {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { reader, buffer } = &mut *self;
        if buffer.len() < HIGH_WATER_BYTES / 8 {
            *buffer = BytesMut::zeroed(HIGH_WATER_BYTES);
        }
        let mut filled = ReadBuf::new(buffer);
        std::task::ready!(reader.as_mut().poll_read(cx, &mut filled))?;
        let read = filled.filled().len();
        Poll::Ready((read > 0).then(|| Ok(buffer.split_to(read).freeze())))
    }
}

//! Something that is written to and read from: a socket, a child process.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Readable, Sender, Stage, StreamError, Writable, pass_through};

/// Something that is written to and read from, each side at its own pace: a socket, a child process.
///
/// As a stage of a pipeline its writable side takes what comes, is closed at the end, and what its
/// readable side gives goes on. The readable side may end first; what still comes then makes
/// [`StreamError::PrematureClose`], as in Node.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Duplex, pipeline, Readable};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let (near, far) = Duplex::pair(16);
/// // The far side answers with what it hears, twice as much.
/// let answer = pipeline(far.readable).map(|n: u32| n * 2).into(far.writable);
/// let asked = pipeline(Readable::iter([1, 2, 3])).through(near).collect(3);
/// let (answered, asked) = tokio::join!(answer, asked);
/// assert_eq!((answered?.written, asked?), (3, vec![2, 4, 6]));
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a duplex does nothing by itself"]
pub struct Duplex<'a, In, Out> {
    /// What is written to.
    pub writable: Writable<'a, In>,
    /// What is read from.
    pub readable: Readable<'a, Out>,
}

impl<'a, In, Out> Duplex<'a, In, Out> {
    /// A duplex of two sides that belong together.
    pub fn new(writable: Writable<'a, In>, readable: Readable<'a, Out>) -> Self {
        Self { writable, readable }
    }
}

impl<'a> Duplex<'a, Bytes, Bytes> {
    /// The two halves of anything that is `AsyncRead` and `AsyncWrite`, such as a `TcpStream`.
    pub fn io(io: impl AsyncRead + AsyncWrite + Send + 'a) -> Self {
        let (reader, writer) = tokio::io::split(io);
        Self::new(Writable::writer(writer), Readable::reader(reader))
    }
}

impl<In: Send + 'static, Out: Send + 'static> Duplex<'static, In, Out> {
    /// Two in memory: what is written to the one is read from the other. At most `high_water`
    /// (bytes or objects) waits on each way.
    pub fn pair(high_water: usize) -> (Self, Duplex<'static, Out, In>) {
        let (there, heard): (Sender<In>, _) = pass_through(high_water);
        let (back, answered): (Sender<Out>, _) = pass_through(high_water);
        let near = Self::new(there.into(), answered);
        (near, Duplex::new(back.into(), heard))
    }
}

impl<In, Out> fmt::Debug for Duplex<'_, In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Duplex")
            .field("writable", &self.writable)
            .field("readable", &self.readable)
            .finish()
    }
}

impl<'a, In, Out> Stage<'a, In> for Duplex<'a, In, Out>
where
    In: Send + 'static,
    Out: Send + 'static,
{
    type Out = Out;

    fn attach(self, source: Readable<'a, In>) -> Readable<'a, Out> {
        Readable::chunks(Both {
            source: Some(source),
            next: None,
            writable: Some(self.writable),
            readable: self.readable,
        })
    }
}

/// A duplex in a pipeline: writes what comes, and gives what is read.
struct Both<'a, In, Out> {
    /// `None` once it has ended.
    source: Option<Readable<'a, In>>,
    /// What was read and the writable side has no room for.
    next: Option<In>,
    /// `None` once it is closed.
    writable: Option<Writable<'a, In>>,
    readable: Readable<'a, Out>,
}

impl<In, Out> Unpin for Both<'_, In, Out> {}

/// Chunks that are written before what was read is handed on.
const WRITES_MAX: usize = 16;

impl<In, Out> Both<'_, In, Out> {
    /// Writes as much as there is and fits. Ready once everything is written and closed.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let Some(writable) = &mut self.writable else {
            return Poll::Ready(Ok(()));
        };
        let mut writable = Pin::new(writable);
        for _ in 0..WRITES_MAX {
            if self.next.is_none()
                && let Some(source) = &mut self.source
            {
                match Pin::new(source).poll_next(cx)? {
                    Poll::Ready(Some(chunk)) => self.next = Some(chunk),
                    Poll::Ready(None) => self.source = None,
                    Poll::Pending => {
                        // Pending or not, what was written is on its way.
                        let _ = writable.as_mut().poll_flush(cx)?;
                        return Poll::Pending;
                    }
                }
            }
            if self.next.is_none() {
                std::task::ready!(writable.as_mut().poll_close(cx))?;
                self.writable = None;
                return Poll::Ready(Ok(()));
            }
            std::task::ready!(writable.as_mut().poll_ready(cx))?;
            if let Some(chunk) = self.next.take() {
                writable.as_mut().start_send(chunk)?;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<In, Out> Stream for Both<'_, In, Out> {
    type Item = Result<Out, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let written = self.poll_write(cx)?;
        match std::task::ready!(Pin::new(&mut self.readable).poll_next(cx)) {
            None if written.is_pending() => Poll::Ready(Some(Err(StreamError::PrematureClose))),
            chunk => Poll::Ready(chunk),
        }
    }
}

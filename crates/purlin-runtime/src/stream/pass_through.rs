//! Two ends in memory: what is written to the one is read from the other.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use futures_util::{Sink, SinkExt, Stream};

use super::{Readable, StreamError, Writable, weight::weight};

/// Two ends of one stream in memory: Node's `PassThrough`. What is sent is read from the
/// [`Readable`], and at most `high_water` (bytes or objects, at least 1) waits in between.
///
/// If the sender is dropped before its end, the reader is told [`StreamError::PrematureClose`]: a
/// producer that gives up does not look like one that has finished. If the reader is dropped, the
/// sender is told the same at its next chunk.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{StreamError, pass_through, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let (mut sender, readable) = pass_through(16);
/// let produce = async move {
///     for n in 0..100 {
///         sender.send(n).await?; // Waits while 16 wait.
///     }
///     sender.end();
///     Ok::<_, StreamError>(())
/// };
/// let (produced, numbers) = tokio::join!(produce, pipeline(readable).collect(100));
/// produced?;
/// assert_eq!(numbers?.len(), 100);
/// # Ok::<(), StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pass_through<T: Send + 'static>(high_water: usize) -> (Sender<T>, Readable<'static, T>) {
    let shared = Arc::new(Mutex::new(Shared {
        waiting: VecDeque::new(),
        weight: 0,
        mark: high_water.max(1),
        state: State::Open,
        reader: None,
        writer: None,
    }));
    let receiver = Receiver(Arc::clone(&shared));
    (Sender(shared), Readable::chunks(receiver))
}

/// The end of [`pass_through`] that is written to. It is a [`Sink`] too.
pub struct Sender<T>(Arc<Mutex<Shared<T>>>);

struct Receiver<T>(Arc<Mutex<Shared<T>>>);

struct Shared<T> {
    /// Less than the mark, and one chunk.
    waiting: VecDeque<T>,
    weight: usize,
    mark: usize,
    state: State,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

enum State {
    Open,
    /// Nothing more is sent; what waits can still be read.
    Ended,
    /// The sender has failed or was dropped: nothing more is read.
    Failed(StreamError),
    /// Nobody reads any more.
    Closed,
}

impl<T> Shared<T> {
    /// Ends the stream, unless it has ended before.
    fn end(&mut self, state: State) -> Option<Waker> {
        if !matches!(self.state, State::Open) {
            return None;
        }
        self.state = state;
        self.reader.take()
    }

    fn writable(&self) -> Result<(), StreamError> {
        match &self.state {
            State::Open => Ok(()),
            State::Ended => Err(StreamError::WriteAfterEnd),
            State::Failed(error) => Err(error.clone()),
            State::Closed => Err(StreamError::PrematureClose),
        }
    }
}

fn lock<T>(shared: &Mutex<Shared<T>>) -> MutexGuard<'_, Shared<T>> {
    shared
        .lock()
        .expect("nothing panics while it holds the queue")
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl<T: 'static> Sender<T> {
    /// Waits for room, and sends `chunk`.
    ///
    /// # Errors
    ///
    /// [`StreamError::PrematureClose`] once nobody reads any more.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, `chunk` was not sent, and is lost.
    pub async fn send(&mut self, chunk: T) -> Result<(), StreamError> {
        SinkExt::feed(self, chunk).await
    }

    /// Ends the stream: the reader has what was sent, and then the end.
    pub fn end(self) {
        let woken = lock(&self.0).end(State::Ended);
        wake(woken);
    }

    /// Ends the stream with `error`, which the reader is told at once.
    pub fn fail(self, error: StreamError) {
        let woken = lock(&self.0).end(State::Failed(error));
        wake(woken);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let woken = lock(&self.0).end(State::Failed(StreamError::PrematureClose));
        wake(woken);
    }
}

impl<T: 'static> Sink<T> for Sender<T> {
    type Error = StreamError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let mut shared = lock(&self.0);
        shared.writable()?;
        if shared.weight < shared.mark {
            return Poll::Ready(Ok(()));
        }
        shared.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, chunk: T) -> Result<(), StreamError> {
        let mut shared = lock(&self.0);
        shared.writable()?;
        shared.weight += weight(&chunk);
        shared.waiting.push_back(chunk);
        let woken = shared.reader.take();
        drop(shared);
        wake(woken);
        Ok(())
    }

    /// Ready at once: what was sent is the reader's. Fails once nobody reads any more, and tells
    /// the task when that happens.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let mut shared = lock(&self.0);
        if matches!(shared.state, State::Closed) {
            return Poll::Ready(Err(StreamError::PrematureClose));
        }
        shared.writer = Some(cx.waker().clone());
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let mut shared = lock(&self.0);
        if matches!(shared.state, State::Closed) {
            return Poll::Ready(Err(StreamError::PrematureClose));
        }
        let woken = shared.end(State::Ended);
        drop(shared);
        wake(woken);
        Poll::Ready(Ok(()))
    }
}

impl<T: Send + 'static> From<Sender<T>> for Writable<'_, T> {
    fn from(sender: Sender<T>) -> Self {
        Self::of(sender)
    }
}

impl<T: 'static> Stream for Receiver<T> {
    type Item = Result<T, StreamError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut shared = lock(&self.0);
        if let State::Failed(error) = &shared.state {
            return Poll::Ready(Some(Err(error.clone())));
        }
        let Some(chunk) = shared.waiting.pop_front() else {
            if matches!(shared.state, State::Ended) {
                return Poll::Ready(None);
            }
            shared.reader = Some(cx.waker().clone());
            return Poll::Pending;
        };
        shared.weight -= weight(&chunk);
        let has_room = shared.weight < shared.mark;
        let woken = shared.writer.take_if(|_| has_room);
        drop(shared);
        wake(woken);
        Poll::Ready(Some(Ok(chunk)))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut shared = lock(&self.0);
        if matches!(shared.state, State::Open) {
            shared.state = State::Closed;
        }
        // Freed with the reader, though the sender may live on.
        let waiting = std::mem::take(&mut shared.waiting);
        let woken = shared.writer.take();
        drop(shared);
        wake(woken);
        drop(waiting);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

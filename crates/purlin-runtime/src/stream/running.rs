//! A pipeline that runs: moves chunks from the source to the destination, and takes both down.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    sync::atomic::Ordering::Relaxed,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{
    Progress, Readable, StreamError, Writable,
    pipeline::{Options, length},
    weight::{high_water, weight},
};

/// High-water marks that are moved before others have their turn.
const TURN_MARKS: usize = 4;

/// A pipeline that moves while it is awaited; made by [`Pipeline::into`](super::Pipeline::into),
/// which says what it promises.
#[must_use = "a pipeline moves nothing before it is awaited"]
pub struct Running<'a, T> {
    /// `None` once the pipeline is over, so that a future that is kept holds nothing.
    ends: Option<Ends<'a, T>>,
    options: Options<'a>,
    cancelled: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    written: u64,
}

impl<'a, T: 'static> Running<'a, T> {
    pub(super) fn new(
        source: Readable<'a, T>,
        destination: Writable<'a, T>,
        mark: usize,
        mut options: Options<'a>,
    ) -> Self {
        let token = options.token.take();
        Self {
            ends: Some(Ends {
                source: Some(source),
                destination,
                waiting: VecDeque::new(),
                weight: 0,
                mark,
            }),
            options,
            cancelled: token.map(|token| Box::pin(token.cancelled_owned())),
            written: 0,
        }
    }

    /// Moves chunks for one turn of the executor.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        if let Some(cancelled) = &mut self.cancelled
            && cancelled.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(StreamError::Aborted));
        }
        let mut turn = high_water::<T>() * TURN_MARKS;
        while turn > 0 {
            let Some(ends) = &mut self.ends else {
                return Poll::Ready(Ok(()));
            };
            let read = ends.poll_read(cx)?;
            match ends.poll_write(cx)? {
                Written::All => return Poll::Ready(Ok(())),
                Written::Chunk { weight, length } => {
                    turn = turn.saturating_sub(weight);
                    self.tell(length);
                }
                Written::Nothing if read.is_ready() => {}
                Written::Nothing => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn tell(&mut self, length: u64) {
        self.written += length;
        let progress = self.progress();
        if let Some(tell) = &mut self.options.progress {
            tell(progress);
        }
    }

    fn progress(&self) -> Progress {
        Progress {
            read: self.options.read.load(Relaxed),
            written: self.written,
        }
    }
}

impl<T: 'static> Future for Running<'_, T> {
    type Output = Result<Progress, StreamError>;

    /// # Panics
    ///
    /// Never; after its end it is ready again with what was moved.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let done = ready!(self.poll_turn(cx));
        // Before the caller hears of it, everything is freed.
        self.ends = None;
        self.cancelled = None;
        self.options.progress = None;
        Poll::Ready(done.map(|()| self.progress()))
    }
}

// Nothing in it is pinned by its place.
impl<T> Unpin for Running<'_, T> {}

impl<T> fmt::Debug for Running<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("written", &self.written)
            .field("over", &self.ends.is_none())
            .finish_non_exhaustive()
    }
}

struct Ends<'a, T> {
    /// `None` once it has ended; what waits is still to be written.
    source: Option<Readable<'a, T>>,
    destination: Writable<'a, T>,
    /// What was read and the destination has not taken: less than the mark, and one chunk.
    waiting: VecDeque<T>,
    weight: usize,
    mark: usize,
}

/// What the destination did.
enum Written {
    Nothing,
    Chunk {
        weight: usize,
        length: u64,
    },
    /// It is closed.
    All,
}

impl<T: 'static> Ends<'_, T> {
    /// Reads a chunk if there is room for one. Not ready: nothing came, for whatever reason.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        let Some(source) = self.source.as_mut().filter(|_| self.weight < self.mark) else {
            return Poll::Pending;
        };
        match ready!(Pin::new(source).poll_next(cx)).transpose()? {
            Some(chunk) => {
                self.weight += weight(&chunk);
                self.waiting.push_back(chunk);
            }
            None => self.source = None,
        }
        Poll::Ready(Ok(()))
    }

    /// Hands on a chunk; while none is there, brings the destination up to date.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<Written, StreamError> {
        let mut destination = Pin::new(&mut self.destination);
        if self.waiting.is_empty() {
            let is_over = self.source.is_none();
            let done = if is_over {
                destination.poll_close(cx)?
            } else {
                destination.poll_flush(cx)?
            };
            return Ok(if is_over && done.is_ready() {
                Written::All
            } else {
                Written::Nothing
            });
        }
        if destination.as_mut().poll_ready(cx)?.is_pending() {
            return Ok(Written::Nothing);
        }
        let Some(chunk) = self.waiting.pop_front() else {
            return Ok(Written::Nothing);
        };
        let (weight, length) = (weight(&chunk), length(&chunk));
        self.weight -= weight;
        destination.start_send(chunk)?;
        Ok(Written::Chunk { weight, length })
    }
}

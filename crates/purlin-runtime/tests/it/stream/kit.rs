//! Ends that a test holds in its hands.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use purlin_runtime::stream::StreamError;

/// Tells whether what it was put into was dropped.
#[derive(Clone, Default)]
pub(crate) struct Dropped(Arc<AtomicBool>);

pub(crate) struct TellsDrop(Dropped);

impl Dropped {
    pub(crate) fn teller(&self) -> TellsDrop {
        TellsDrop(self.clone())
    }

    pub(crate) fn get(&self) -> bool {
        self.0.load(SeqCst)
    }
}

impl Dropped {
    fn set(&self) {
        self.0.store(true, SeqCst);
    }
}

impl Drop for TellsDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// A source of numbers from 1 that never ends and never has to wait.
pub(crate) struct Numbers {
    pub(crate) given: Arc<AtomicUsize>,
    pub(crate) fails_after: usize,
    pub(crate) _dropped: TellsDrop,
}

impl Numbers {
    pub(crate) fn new(dropped: &Dropped) -> Self {
        Self {
            given: Arc::default(),
            fails_after: usize::MAX,
            _dropped: dropped.teller(),
        }
    }
}

impl Stream for Numbers {
    type Item = Result<usize, StreamError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let number = self.given.fetch_add(1, SeqCst) + 1;
        Poll::Ready(Some(if number > self.fails_after {
            Err(StreamError::failed("the source broke"))
        } else {
            Ok(number)
        }))
    }
}

/// A destination that takes `room` chunks, and then does as it was told.
pub(crate) struct Takes {
    pub(crate) room: usize,
    pub(crate) then: Then,
    pub(crate) closed: Arc<AtomicBool>,
    pub(crate) _dropped: TellsDrop,
}

#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// Never has room again, and never says so.
    Stalls,
    Fails,
}

impl Takes {
    pub(crate) fn new(room: usize, then: Then, dropped: &Dropped) -> Self {
        Self {
            room,
            then,
            closed: Arc::default(),
            _dropped: dropped.teller(),
        }
    }
}

impl<T> Sink<T> for Takes {
    type Error = StreamError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        match self.then {
            _ if self.room > 0 => Poll::Ready(Ok(())),
            Then::Stalls => Poll::Pending,
            Then::Fails => Poll::Ready(Err(StreamError::failed("the destination broke"))),
        }
    }

    fn start_send(mut self: Pin<&mut Self>, _: T) -> Result<(), StreamError> {
        self.room -= 1;
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        self.closed.store(true, SeqCst);
        Poll::Ready(Ok(()))
    }
}

/// The text of an error and of its cause.
pub(crate) fn told(error: &StreamError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    format!("{error}: {}", cause.unwrap_or_default())
}

/// Text that compresses about as prose does: words by a fixed chain.
#[expect(clippy::print_stdout, reason = "a test that fails says its seed")]
pub(crate) fn prose(bytes: usize, seed: u64) -> Vec<u8> {
    println!("seed {seed}");
    const WORDS: [&str; 16] = [
        "whale", "sea", "the", "of", "and", "captain", "harpoon", "a", "white", "ship", "in", "to",
        "ocean", "that", "sailor", "mast",
    ];
    let mut text = Vec::with_capacity(bytes + 16);
    let mut state = seed | 1;
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.extend_from_slice(WORDS[(state >> 32) as usize % WORDS.len()].as_bytes());
        let end = if state.is_multiple_of(11) {
            b'\n'
        } else {
            b' '
        };
        text.push(end);
        if state.is_multiple_of(5) {
            text.extend_from_slice((state >> 48).to_string().as_bytes());
        }
    }
    text.truncate(bytes);
    text
}

/// Bytes in chunks that do not fit anything.
pub(crate) fn odd_chunks(bytes: &[u8]) -> Vec<Bytes> {
    let sizes = [1, 1000, 7, 70_001, 65_536, 3];
    let (mut rest, mut chunks) = (Bytes::copy_from_slice(bytes), Vec::new());
    for size in sizes.into_iter().cycle() {
        if rest.is_empty() {
            break;
        }
        chunks.push(rest.split_to(size.min(rest.len())));
    }
    chunks
}

//! The body, in small pieces.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body_util::LengthLimitError;

/// Bytes that are handed out at once.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

/// Why no more of a body comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stopped {
    #[error("the head of a part is too large")]
    HeadTooLarge,
    #[error("the body is larger than its limit")]
    TooLarge,
    #[error("the body broke off")]
    Broken,
}

/// Bytes that may still come before the head of a part is complete, set from outside.
#[derive(Clone, Debug)]
pub(super) struct HeadRoom(Arc<AtomicUsize>);

impl HeadRoom {
    const NONE_NEEDED: usize = usize::MAX;

    /// A head begins, of at most `bytes`.
    pub(super) fn begin(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// The head is complete: data follows.
    pub(super) fn end(&self) {
        self.begin(Self::NONE_NEEDED);
    }

    fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn spend(&self, bytes: usize) {
        let room = self.0.load(Ordering::Relaxed);
        if room != Self::NONE_NEEDED {
            self.begin(room.saturating_sub(bytes));
        }
    }
}

/// The body as a stream that pauses.
///
/// multer takes from its stream until that has no more at the moment, and keeps it all: from a
/// fast caller, the whole body. So this one says "not now" after each [`PIECE_BYTES`], and asks to
/// be polled again.
pub(super) struct Feed {
    body: BodyDataStream,
    length: Option<u64>,
    rest: Bytes,
    room: HeadRoom,
    given_bytes: usize,
    has_paused: bool,
}

impl Feed {
    pub(super) fn new(body: Body) -> Self {
        Self {
            length: axum::body::HttpBody::size_hint(&body).exact(),
            body: body.into_data_stream(),
            rest: Bytes::new(),
            room: HeadRoom(Arc::new(AtomicUsize::new(HeadRoom::NONE_NEEDED))),
            given_bytes: 0,
            has_paused: false,
        }
    }

    /// Bytes of the whole body, where its sender has said so.
    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    pub(super) fn room(&self) -> HeadRoom {
        self.room.clone()
    }

    fn pause<T>(&mut self, waker: &Context<'_>) -> Poll<T> {
        self.given_bytes = 0;
        self.has_paused = true;
        waker.waker().wake_by_ref();
        Poll::Pending
    }

    fn give(&mut self) -> Bytes {
        let piece = self.rest.split_to(self.rest.len().min(PIECE_BYTES));
        self.given_bytes += piece.len();
        self.has_paused = false;
        self.room.spend(piece.len());
        piece
    }
}

impl Stream for Feed {
    type Item = Result<Bytes, Stopped>;

    fn poll_next(self: Pin<&mut Self>, waker: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        // What was given last may complete the head, so there is a pause before the refusal.
        if this.given_bytes >= PIECE_BYTES || (this.room.is_spent() && !this.has_paused) {
            return this.pause(waker);
        }
        if this.room.is_spent() {
            return Poll::Ready(Some(Err(Stopped::HeadTooLarge)));
        }
        while this.rest.is_empty() {
            match this.body.poll_next_unpin(waker) {
                Poll::Ready(Some(Ok(bytes))) => this.rest = bytes,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(why(&error)))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    this.given_bytes = 0;
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Some(Ok(this.give())))
    }
}

fn why(error: &(dyn std::error::Error + 'static)) -> Stopped {
    const CAUSES_MAX: usize = 16;
    let chain = std::iter::successors(Some(error), |error| error.source()).take(CAUSES_MAX);
    match chain
        .into_iter()
        .any(|error| error.is::<LengthLimitError>())
    {
        true => Stopped::TooLarge,
        false => Stopped::Broken,
    }
}

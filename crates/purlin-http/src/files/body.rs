//! The body of an answer: text and ranges of a file, one after the other.

use std::{
    collections::VecDeque,
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::{ByteStream, RangeSource};

/// A piece of a body.
pub(super) enum Piece {
    Text(Bytes),
    Range(Range<u64>),
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Range(range) => range.end - range.start,
        }
    }
}

/// Pieces in order. Nothing is read before it is asked for, and nothing after it was dropped.
pub(super) struct PieceBody {
    source: Arc<dyn RangeSource>,
    pieces: VecDeque<Piece>,
    /// The range being read, and how many of its bytes are still to come: at least one.
    reading: Option<(ByteStream, u64)>,
    left: u64,
}

impl PieceBody {
    pub(super) fn new(source: Arc<dyn RangeSource>, pieces: VecDeque<Piece>) -> Self {
        let left = pieces.iter().map(Piece::length).sum();
        Self {
            source,
            pieces,
            reading: None,
            left,
        }
    }

    /// The next bytes of the range being read, never more than it has.
    fn poll_range(&mut self, waker: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Some((stream, missing)) = &mut self.reading else {
            return Poll::Ready(None);
        };
        let mut bytes = match ready!(stream.as_mut().poll_next(waker)) {
            Some(Ok(bytes)) => bytes,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
        };
        bytes.truncate(usize::try_from(*missing).unwrap_or(usize::MAX));
        *missing -= bytes.len() as u64;
        if *missing == 0 {
            self.reading = None;
        }
        Poll::Ready(Some(Ok(bytes)))
    }
}

impl Body for PieceBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        waker: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        loop {
            let bytes = match ready!(this.poll_range(waker)) {
                Some(Ok(bytes)) => bytes,
                Some(Err(error)) => return Poll::Ready(Some(Err(this.broken(error)))),
                None => match this.pieces.pop_front() {
                    None => return Poll::Ready(None),
                    Some(Piece::Text(text)) => text,
                    Some(Piece::Range(range)) => {
                        let missing = range.end - range.start;
                        this.reading = (missing > 0).then(|| (this.source.read(range), missing));
                        continue;
                    }
                },
            };
            this.left -= bytes.len() as u64;
            if !bytes.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl PieceBody {
    fn broken(&mut self, error: io::Error) -> io::Error {
        tracing::warn!(
            target: "purlin_http::files",
            %error,
            bytes_missing = self.left,
            "a file could not be read to its end: the answer is broken off"
        );
        self.reading = None;
        self.pieces.clear();
        error
    }
}

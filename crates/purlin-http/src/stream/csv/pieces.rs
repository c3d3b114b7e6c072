//! Rows put together into pieces of text.

use std::{
    pin::Pin,
    task::{Context as Waker, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use purlin_base::BoxError;
use serde::Serialize;

use super::{Rows, record::Record};

/// Bytes of a piece; the row that reaches it is the last of its piece.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

/// The table in pieces. Nothing follows an error.
pub(super) struct Pieces<T> {
    columns: &'static [&'static str],
    rows: Rows<T>,
    record: Record,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    Header,
    Rows,
    Done,
}

impl<T: Serialize> Pieces<T> {
    pub(super) fn new(columns: &'static [&'static str], rows: Rows<T>) -> Self {
        Self {
            columns,
            rows,
            record: Record::new(columns.len()),
            state: State::Header,
        }
    }

    fn poll_piece(&mut self, waker: &mut Waker<'_>) -> Poll<Result<Option<Bytes>, BoxError>> {
        if self.state == State::Header {
            self.record.write(&self.columns)?;
            self.state = State::Rows;
        }
        while self.state == State::Rows {
            match self.rows.as_mut().poll_next(waker)? {
                Poll::Ready(Some(row)) => self.record.write(&row)?,
                Poll::Ready(None) => self.state = State::Done,
                // What is there is kept back: a piece for each batch of rows would be small.
                Poll::Pending => return Poll::Pending,
            }
            if self.record.bytes() >= PIECE_BYTES {
                return Poll::Ready(self.cut().map(Some));
            }
        }
        Poll::Ready(if self.record.bytes() == 0 {
            Ok(None)
        } else {
            self.cut().map(Some)
        })
    }

    fn cut(&mut self) -> Result<Bytes, BoxError> {
        Ok(self.record.cut().map(Bytes::from)?)
    }
}

impl<T: Serialize> Stream for Pieces<T> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Self::Item>> {
        let piece = std::task::ready!(self.poll_piece(waker));
        if piece.is_err() {
            self.state = State::Done;
            self.record = Record::new(0);
        }
        Poll::Ready(piece.transpose())
    }
}

impl<T> Unpin for Pieces<T> {}

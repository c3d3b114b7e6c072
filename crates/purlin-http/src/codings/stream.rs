//! A body that is compressed while it is sent.

use std::{
    future::{poll_fn, ready},
    pin::Pin,
    task::{Context, Poll, ready as wait},
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use futures_util::stream::once;
use hyper::body::Frame;
use purlin_base::BoxError;

use super::encoder::Encoder;

/// Bytes that are compressed in one go: well below a millisecond of work.
const PIECE_BYTES: usize = 16 * 1024;

/// The compressed form of a body.
pub(super) struct Compressed {
    /// `None` once the end has come out.
    encoder: Option<Encoder>,
    /// What came in and was not yet compressed.
    input: Bytes,
    rest: Body,
    trailers: Option<Frame<Bytes>>,
    /// Whether something was taken in that has not come out.
    holds: bool,
    /// Whether a piece was compressed in this turn of the executor.
    worked: bool,
}

/// The first piece of `body` if it is there now, else nothing.
pub(super) async fn first(body: &mut Body) -> Bytes {
    let polled = poll_fn(|waker| Poll::Ready(Pin::new(&mut *body).poll_frame(waker))).await;
    match polled {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        Poll::Ready(Some(Err(error))) => {
            *body = failed(error);
            Bytes::new()
        }
        Poll::Ready(None) | Poll::Pending => Bytes::new(),
    }
}

/// A body that breaks off at once.
pub(super) fn failed(error: impl Into<BoxError>) -> Body {
    Body::from_stream(once(ready(Err::<Bytes, _>(error.into()))))
}

impl Compressed {
    /// `input` and then `rest`.
    pub(super) fn new(encoder: Encoder, input: Bytes, rest: Body) -> Self {
        Self {
            encoder: Some(encoder),
            input,
            rest,
            trailers: None,
            holds: false,
            worked: false,
        }
    }

    /// The body: in one go if nothing more comes in and it is no more than one piece.
    pub(super) fn into_body(self) -> Body {
        let is_whole = (1..=PIECE_BYTES).contains(&self.input.len()) && self.rest.is_end_stream();
        match self.encoder {
            Some(encoder) if is_whole => encoder.all(&self.input).map_or_else(failed, Body::from),
            _ => Body::new(self),
        }
    }

    /// Compresses the next piece of what came in.
    fn work(&mut self) -> Result<Option<Bytes>, BoxError> {
        let Some(encoder) = &mut self.encoder else {
            return Err("the encoder has ended".into());
        };
        let piece = self.input.split_to(self.input.len().min(PIECE_BYTES));
        encoder.write(&piece)?;
        (self.holds, self.worked) = (true, true);
        Ok(out(encoder.take()))
    }

    /// Brings out what the encoder holds, so that a body that pauses is not held back.
    fn flush(&mut self) -> Result<Option<Bytes>, BoxError> {
        self.holds = false;
        let Some(encoder) = &mut self.encoder else {
            return Ok(None);
        };
        encoder.flush()?;
        Ok(out(encoder.take()))
    }

    /// Takes in the next frame; the end of the body if there is none.
    fn take(&mut self, frame: Option<Frame<Bytes>>) -> Result<Option<Bytes>, BoxError> {
        match frame.map(Frame::into_data) {
            Some(Ok(data)) => {
                self.input = data;
                return Ok(None);
            }
            Some(Err(trailers)) => self.trailers = Some(trailers),
            None => {}
        }
        match self.encoder.take() {
            Some(encoder) => Ok(out(encoder.finish()?)),
            None => Ok(None),
        }
    }
}

fn out(bytes: Vec<u8>) -> Option<Bytes> {
    (!bytes.is_empty()).then(|| bytes.into())
}

impl HttpBody for Compressed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        waker: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            // One piece for each turn: a large body must not keep others from theirs.
            if std::mem::take(&mut self.worked) {
                waker.waker().wake_by_ref();
                return Poll::Pending;
            }
            let came = if !self.input.is_empty() {
                self.work()
            } else if self.encoder.is_none() {
                return Poll::Ready(self.trailers.take().map(Ok));
            } else {
                match Pin::new(&mut self.rest).poll_frame(waker) {
                    Poll::Pending if self.holds => self.flush(),
                    next => match wait!(next).transpose() {
                        Ok(frame) => self.take(frame),
                        Err(error) => Err(error.into()),
                    },
                }
            };
            match came {
                Ok(None) => {}
                Ok(Some(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none() && self.trailers.is_none()
    }
}

//! Server-sent events.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context as Waker, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::{HeaderName, HeaderValue, header};
use purlin_base::BoxError;
use tokio::time::{Instant, Sleep};

use super::fault;
use crate::{
    edge::{Draining, draining},
    reply::Reply,
};

mod event;
mod last_id;
mod sender;

pub use event::{Event, EventError};
pub use last_id::LastEventId;
pub use sender::{EventSender, NotSent};

/// 200 with events, sent as they come: `text/event-stream`.
///
/// | what | the rule |
/// | --- | --- |
/// | silence | a comment every [`HEARTBEAT_DEFAULT`](Self::HEARTBEAT_DEFAULT), so that nothing between takes the connection for dead, and a caller who is gone is noticed |
/// | a slow caller | the source is asked no faster than the caller reads; for [`channel`](Self::channel) see [`EventSender`] |
/// | a fault of the source | the stream ends, and the caller comes back with `Last-Event-ID`; the cause is logged |
/// | a caller who hangs up | the source is dropped |
/// | the server stops | the stream ends at once, so that it holds up no stop |
/// | caches, proxies | `Cache-Control: no-store`, `X-Accel-Buffering: no`; never compressed |
///
/// A browser comes back by itself after a stream has ended, whatever the reason. To make it stay
/// away, answer the next request with [`NoContent`](crate::NoContent).
///
/// # Source
///
/// The HTML standard, §9.2.
///
/// # Examples
///
/// ```
/// use purlin_http::{Reply, stream::{Event, EventStream}};
///
/// # fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let (sender, events) = EventStream::channel(16);
/// sender.send(Event::new(&"shipped")?.name("order")?.id("7")?)?;
/// let answer = events.reply();
/// assert_eq!(answer.headers()["content-type"], "text/event-stream");
/// # Ok(()) }
/// # run().unwrap();
/// ```
#[must_use = "events are sent when the stream is returned from a handler"]
pub struct EventStream {
    source: Source,
    heartbeat: Duration,
}

type Source = Pin<Box<dyn Stream<Item = Result<Event, BoxError>> + Send>>;

impl EventStream {
    /// Silence before a comment is sent, unless told otherwise.
    pub const HEARTBEAT_DEFAULT: Duration = Duration::from_secs(15);
    /// The shortest silence before a comment.
    pub const HEARTBEAT_MIN: Duration = Duration::from_millis(100);

    /// The events of `source`, until it ends.
    pub fn new<S, E>(source: S) -> Self
    where
        S: Stream<Item = Result<Event, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self {
            source: Box::pin(source.map(|event| event.map_err(Into::into))),
            heartbeat: Self::HEARTBEAT_DEFAULT,
        }
    }

    /// The events that are put into the [`EventSender`], of which at most `events_max` (at least 1)
    /// wait for the caller to read them.
    pub fn channel(events_max: usize) -> (EventSender, Self) {
        let (sender, events) = sender::channel(events_max);
        (sender, Self::new(events))
    }

    /// Silence before a comment is sent; not less than [`HEARTBEAT_MIN`](Self::HEARTBEAT_MIN).
    /// Default: 15 s.
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.heartbeat = every.max(Self::HEARTBEAT_MIN);
        self
    }
}

impl Reply for EventStream {
    fn reply(self) -> Response {
        let sending = Sending {
            source: self.source,
            heartbeat: self.heartbeat,
            silence: None,
            draining: draining(),
            request_id: fault::request_id(),
        };
        let mut response = Body::from_stream(sending).into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        self.reply()
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("heartbeat", &self.heartbeat)
            .finish_non_exhaustive()
    }
}

/// A comment, which every reader passes over.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// The body: events, comments, and its end.
struct Sending {
    source: Source,
    heartbeat: Duration,
    /// To the next comment; begins when the body is first asked for, and anew with each event.
    silence: Option<Pin<Box<Sleep>>>,
    draining: Option<Draining>,
    request_id: Box<str>,
}

impl Sending {
    /// What is to be sent next; `None` at the end.
    fn poll_next(&mut self, waker: &mut Waker<'_>) -> Poll<Option<Bytes>> {
        if let Some(draining) = &mut self.draining
            && draining.as_mut().poll(waker).is_ready()
        {
            return Poll::Ready(None);
        }
        match self.source.as_mut().poll_next(waker) {
            Poll::Ready(Some(Ok(event))) => return Poll::Ready(Some(event.into_bytes())),
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Ready(Some(Err(error))) => {
                fault::log(&error, &self.request_id);
                return Poll::Ready(None);
            }
            Poll::Pending => {}
        }
        let heartbeat = self.heartbeat;
        let begin = || Box::pin(tokio::time::sleep(heartbeat));
        let silence = self.silence.get_or_insert_with(begin);
        silence.as_mut().poll(waker).map(|()| Some(COMMENT))
    }
}

impl Stream for Sending {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Self::Item>> {
        let next = std::task::ready!(Sending::poll_next(&mut self, waker));
        match next {
            Some(_) => {
                let again = Instant::now() + self.heartbeat;
                if let Some(silence) = &mut self.silence {
                    silence.as_mut().reset(again);
                }
            }
            // What feeds it need not wait until the body is dropped.
            None => {
                self.source = Box::pin(futures_util::stream::empty());
                self.draining = None;
            }
        }
        Poll::Ready(next.map(Ok))
    }
}

//! Events that are put in at one end and sent to the caller at the other.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context as Waker, Poll},
};

use futures_util::Stream;
use tokio::sync::mpsc;

use super::Event;

/// Puts events into an [`EventStream`](super::EventStream). Cheap to clone; the stream ends when
/// the last clone is dropped.
///
/// As many events wait for the caller as the channel was made for. Beyond that
///
/// - [`send`](Self::send), for one who tells many and can wait for none, fails with
///   [`NotSent::Behind`]: drop the sender. The stream then ends after the events that wait, and the
///   caller comes back with the id of the last one it has read, from where what it missed can be
///   sent again. To leave single events out instead is never right for a caller who believes to
///   know all of them.
/// - [`send_when_read`](Self::send_when_read), for one who makes the events for this caller alone,
///   waits.
#[derive(Clone, Debug)]
pub struct EventSender(mpsc::Sender<Event>);

/// The event was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// As many events wait for the caller as may: drop the sender.
    #[error("the caller reads too slowly: as many events wait for it as may")]
    Behind,
    /// The caller has gone, or the server stops.
    #[error("nobody reads the events any more")]
    Gone,
}

pub(super) fn channel(events_max: usize) -> (EventSender, Events) {
    let (sender, events) = mpsc::channel(events_max.max(1));
    (EventSender(sender), Events(events))
}

impl EventSender {
    /// Sends `event`, and never waits.
    ///
    /// # Errors
    ///
    /// [`NotSent`].
    pub fn send(&self, event: Event) -> Result<(), NotSent> {
        self.0.try_send(event).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => NotSent::Behind,
            mpsc::error::TrySendError::Closed(_) => NotSent::Gone,
        })
    }

    /// Sends `event` once there is room for it.
    ///
    /// # Errors
    ///
    /// [`NotSent::Gone`].
    ///
    /// # Cancel safety
    ///
    /// The event is not sent when the future is dropped.
    pub async fn send_when_read(&self, event: Event) -> Result<(), NotSent> {
        self.0.send(event).await.map_err(|_| NotSent::Gone)
    }

    /// Ends when nobody reads any more: the caller has gone, or the server stops.
    pub async fn gone(&self) {
        self.0.closed().await;
    }
}

/// The other end.
pub(super) struct Events(mpsc::Receiver<Event>);

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(waker).map(|event| event.map(Ok))
    }
}

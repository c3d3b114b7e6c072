//! The worker's end of the conversation.

use std::sync::Arc;

use tokio::sync::mpsc::{self, error::TrySendError};

use super::park::wait_for;
use crate::stop::{Flag, StopToken};

/// The worker's end of the conversation: messages in, messages out, and whether to stop.
///
/// Messages are moved: what is sent belongs to the receiver, and nothing is copied. To share
/// instead, send an [`Arc`].
#[derive(Debug)]
pub struct WorkerPort<In, Out> {
    pub(super) inbox: mpsc::Receiver<In>,
    pub(super) outbox: mpsc::Sender<Out>,
    pub(super) flag: Arc<Flag>,
    pub(super) stop: StopToken,
}

/// Why a message was not sent; it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError<M> {
    /// As many messages wait as may.
    #[error("as many messages wait as may")]
    Full(M),
    /// Nobody will take it: the other end is gone, or the worker was asked to stop.
    #[error("the other end of the port is gone")]
    Closed(M),
}

impl<M> PostError<M> {
    /// The message that was not sent.
    pub fn into_message(self) -> M {
        match self {
            Self::Full(message) | Self::Closed(message) => message,
        }
    }
}

impl<M> From<TrySendError<M>> for PostError<M> {
    fn from(error: TrySendError<M>) -> Self {
        match error {
            TrySendError::Full(message) => Self::Full(message),
            TrySendError::Closed(message) => Self::Closed(message),
        }
    }
}

impl<In, Out> WorkerPort<In, Out> {
    /// Waits for the next message; `None` when no more can come: every sender is dropped and what
    /// they had sent was taken, or the worker was asked to stop.
    pub fn recv(&mut self) -> Option<In> {
        let Self { inbox, flag, .. } = self;
        wait_for(async {
            tokio::select! {
                biased;
                () = flag.raised() => None,
                message = inbox.recv() => message,
            }
        })
    }

    /// The next message, if one is there.
    pub fn try_recv(&mut self) -> Option<In> {
        self.inbox.try_recv().ok()
    }

    /// Sends `message` to whoever began the worker. Waits while as many wait as may.
    ///
    /// # Errors
    ///
    /// [`PostError::Closed`] if nobody takes it any more, or the worker was asked to stop while it
    /// waited.
    pub fn post(&self, message: Out) -> Result<(), PostError<Out>> {
        let place = wait_for(async {
            tokio::select! {
                biased;
                place = self.outbox.reserve() => place.ok(),
                () = self.flag.raised() => None,
            }
        });
        match place {
            Some(place) => {
                place.send(message);
                Ok(())
            }
            None => Err(PostError::Closed(message)),
        }
    }

    /// As [`post`](Self::post), but never waits.
    ///
    /// # Errors
    ///
    /// [`PostError`].
    pub fn try_post(&self, message: Out) -> Result<(), PostError<Out>> {
        Ok(self.outbox.try_send(message)?)
    }

    /// Whether to stop: ask between two pieces of work.
    pub fn stop(&self) -> &StopToken {
        &self.stop
    }
}

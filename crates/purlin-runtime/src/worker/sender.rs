//! The other end of a worker's inbox.

use tokio::sync::mpsc;

use super::PostError;

/// Sends messages to a worker. Cheap to clone. The worker's inbox ends when every sender, that of
/// the [`Worker`](super::Worker) included, is gone.
#[derive(Debug)]
pub struct WorkerSender<In>(pub(super) mpsc::Sender<In>);

impl<In> Clone for WorkerSender<In> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<In> WorkerSender<In> {
    /// Sends `message`. Waits while as many wait as may.
    ///
    /// # Errors
    ///
    /// [`PostError::Closed`] if the worker has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the message, unless it was sent.
    pub async fn post(&self, message: In) -> Result<(), PostError<In>> {
        let sent = self.0.send(message).await;
        sent.map_err(|error| PostError::Closed(error.0))
    }

    /// As [`post`](Self::post), but never waits.
    ///
    /// # Errors
    ///
    /// [`PostError`].
    pub fn try_post(&self, message: In) -> Result<(), PostError<In>> {
        Ok(self.0.try_send(message)?)
    }
}

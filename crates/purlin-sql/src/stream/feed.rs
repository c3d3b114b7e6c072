//! The producer's end of a stream: hands batches on, and learns when to stop.

use std::time::Duration;

use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::SqlError;

/// Whether the database closes. Who feeds a stream holds one of these to its end.
pub(crate) type Closing = watch::Receiver<bool>;

/// Where a producer puts the rows.
pub(crate) struct Feed<T> {
    batches: mpsc::Sender<Vec<T>>,
    closing: Closing,
    stall: Duration,
    deadline: Duration,
    until: Instant,
}

/// A feed and what comes out of it. The time of the stream begins now.
pub(crate) fn feed<T>(
    closing: Closing,
    stall: Duration,
    deadline: Duration,
) -> (Feed<T>, mpsc::Receiver<Vec<T>>) {
    // One waits; one is filled before it is sent, and one is with the caller.
    let (batches, received) = mpsc::channel(super::BATCHES_MAX - 2);
    let until = Instant::now() + deadline;
    let feed = Feed {
        batches,
        closing,
        stall,
        deadline,
        until,
    };
    (feed, received)
}

impl<T: Send> Feed<T> {
    /// When the whole stream must have ended.
    pub(crate) fn until(&self) -> Instant {
        self.until
    }

    /// Whether to stop for another reason than time. Quick.
    pub(crate) fn is_over(&self) -> bool {
        self.batches.is_closed() || *self.closing.borrow()
    }

    /// Why to stop, once it [is over](Self::is_over) or the time is.
    pub(crate) fn why(&self) -> SqlError {
        if self.is_over() {
            // Told to nobody if the stream was dropped.
            return SqlError::Closed;
        }
        let deadline = self.deadline;
        SqlError::Deadline { deadline }
    }

    /// Hands `rows` on; waits for the caller to take those before.
    ///
    /// # Errors
    ///
    /// Why to stop.
    pub(crate) async fn send(&self, rows: Vec<T>) -> Result<(), SqlError> {
        let rows = match self.batches.try_send(rows) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(SqlError::Closed),
            Err(mpsc::error::TrySendError::Full(rows)) => rows,
        };
        let mut closing = self.closing.clone();
        tokio::select! {
            sent = self.batches.send(rows) => sent.map_err(|_| SqlError::Closed),
            _ = closing.wait_for(|closing| *closing) => Err(SqlError::Closed),
            () = tokio::time::sleep_until(self.until) => Err(self.why()),
            () = tokio::time::sleep(self.stall) => {
                let stall = self.stall;
                Err(SqlError::Stalled { stall })
            }
        }
    }

    /// Passes on how the statement ended. That a bound was reached is worth a line in the log: the
    /// database kept old rows for this one all the while.
    pub(crate) fn ended(&self, outcome: Result<(), SqlError>) -> Result<(), SqlError> {
        if let Err(error @ (SqlError::Stalled { .. } | SqlError::Deadline { .. })) = &outcome {
            tracing::warn!(target: "purlin::sql", %error, "a stream of rows was ended");
        }
        outcome
    }

    /// Ends when it is time to stop, and says why.
    #[cfg(feature = "postgres")]
    pub(crate) async fn over(&self) -> SqlError {
        let mut closing = self.closing.clone();
        tokio::select! {
            () = self.batches.closed() => {}
            _ = closing.wait_for(|closing| *closing) => {}
            () = tokio::time::sleep_until(self.until) => {}
        }
        self.why()
    }
}

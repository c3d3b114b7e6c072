//! Rows of any number, in flat memory.
//!
//! [`ReadStatement::stream`](crate::ReadStatement::stream) runs a statement whose rows are handed on
//! while it runs. They cross from the engine to the caller in batches, so that a hop between threads
//! is paid once for each [`BATCH_ROWS`], and at most [`BATCHES_MAX`] batches are in memory.
//!
//! | what | the rule |
//! | --- | --- |
//! | memory | a batch ends at [`BATCH_ROWS`] rows or [`BATCH_BYTES`] of text and bytes, and is never cut within a row |
//! | back-pressure | the statement stands still while nobody takes its rows |
//! | connections | streams have [`SqlConfig::streams`] of their own, and never take one of the `readers` |
//! | nobody takes the rows | after [`SqlConfig::stream_stall`] it is ended: [`SqlError::Stalled`] |
//! | time | [`SqlConfig::stream_deadline`] for the whole of it, in place of `read_deadline`: [`SqlError::Deadline`] |
//! | the stream is dropped | the statement is stopped at once, wherever it is, and its connection is free again |
//! | the database is closed | the stream ends with [`SqlError::Closed`], and the close waits for that |
//! | [`Context`](purlin_base::Context) | the statement is counted once, when it begins; the deadline of the context is not looked at, as it is that of the head of an answer |
//!
//! # What a long read costs
//!
//! A stream sees the rows as they were when it began. So long as it is open the database keeps them
//! for it: SQLite writes on, but cannot carry its log (`-wal`) back into the file past that point, so
//! the file of the log grows by what is written meanwhile; Postgres cannot clear away dead rows.
//! That is why both times are bounded, and why reaching one is logged as a warning.
//!
//! [`SqlConfig::streams`]: crate::SqlConfig::streams
//! [`SqlConfig::stream_stall`]: crate::SqlConfig::stream_stall
//! [`SqlConfig::stream_deadline`]: crate::SqlConfig::stream_deadline

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context as Waker, Poll, ready},
    vec,
};

use futures_core::Stream;
use tokio::{sync::mpsc, task::JoinHandle};

use crate::SqlError;

mod batch;
mod feed;

pub(crate) use batch::Batch;
#[cfg(feature = "postgres")]
pub(crate) use feed::Closing;
pub(crate) use feed::{Feed, feed};

/// Rows of a batch at most.
pub const BATCH_ROWS: usize = 256;
/// Bytes of texts, documents and byte strings after which a batch ends.
pub const BATCH_BYTES: usize = 64 * 1024;
/// Batches in memory at most: one is filled, one waits, one is being read.
pub const BATCHES_MAX: usize = 3;

/// The rows of a statement that is running, in the order of the answer.
///
/// A [`Stream`], and [`next`](Self::next) needs no other crate. After an error nothing follows.
/// Dropping it stops the statement.
#[must_use = "dropping it stops the statement"]
pub struct RowStream<T> {
    batch: vec::IntoIter<T>,
    batches: mpsc::Receiver<Vec<T>>,
    /// How the statement ended; taken when that has been told.
    producer: Option<JoinHandle<Result<(), SqlError>>>,
}

impl<T> RowStream<T> {
    /// What `producer` feeds into `batches`.
    pub(crate) fn new(
        batches: mpsc::Receiver<Vec<T>>,
        producer: JoinHandle<Result<(), SqlError>>,
    ) -> Self {
        Self {
            batch: Vec::new().into_iter(),
            batches,
            producer: Some(producer),
        }
    }

    /// Waits until the first rows are here, or it is known that there are none, so that a
    /// statement which fails at once fails where it was sent.
    pub(crate) async fn begun(mut self) -> Result<Self, SqlError> {
        match poll_fn(|waker| self.poll_batch(waker)).await {
            Some(Err(error)) => Err(error),
            Some(Ok(())) | None => Ok(self),
        }
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    ///
    /// [`SqlError`]: of the statement, of a row that cannot be read, or of a bound that was reached.
    ///
    /// # Panics
    ///
    /// When reading a row as `T` panicked.
    ///
    /// # Cancel safety
    ///
    /// No row is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Result<T, SqlError>> {
        poll_fn(|waker| self.poll_row(waker)).await
    }

    fn poll_row(&mut self, waker: &mut Waker<'_>) -> Poll<Option<Result<T, SqlError>>> {
        loop {
            if let Some(row) = self.batch.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(self.poll_batch(waker)) {
                Some(Ok(())) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// Takes the next batch up. At the end: how the statement ended, once.
    fn poll_batch(&mut self, waker: &mut Waker<'_>) -> Poll<Option<Result<(), SqlError>>> {
        if let Some(rows) = ready!(self.batches.poll_recv(waker)) {
            self.batch = rows.into_iter();
            return Poll::Ready(Some(Ok(())));
        }
        let Some(producer) = &mut self.producer else {
            return Poll::Ready(None);
        };
        let ended = ready!(Pin::new(producer).poll(waker));
        self.producer = None;
        Poll::Ready(match ended {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Err(error)),
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is shutting down.
                Err(_) => Some(Err(SqlError::Closed)),
            },
        })
    }
}

impl<T> Unpin for RowStream<T> {}

impl<T> Stream for RowStream<T> {
    type Item = Result<T, SqlError>;

    fn poll_next(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(waker)
    }
}

impl<T> fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream")
            .field("rows_at_hand", &self.batch.len())
            .field("ended", &self.producer.is_none())
            .finish_non_exhaustive()
    }
}

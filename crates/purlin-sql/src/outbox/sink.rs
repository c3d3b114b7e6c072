//! Where messages are sent.

use std::fmt;

use purlin_base::{BoxFuture, Classified, ErrorClass};

use super::OutboxMessage;

/// Characters of a reason that are kept.
const REASON_CHARS_MAX: usize = 1000;

/// What messages are sent to: a broker, a queue in another database.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sink",
    note = "implement `Sink`: its `name`, and `send`, which takes a batch and answers for each message"
)]
pub trait Sink: Send + Sync + 'static {
    /// What messages name to be sent here: 1 to 63 of the characters `a-z 0-9 _ - .`.
    fn name(&self) -> &str;

    /// Sends a batch, and answers for each message in the same order. `Ok` only once the other side
    /// has taken it for good: what it answers `Ok` for is deleted.
    ///
    /// A message may come again that was sent before, with the same id. Batches of other keys may
    /// be sent at the same time.
    ///
    /// The future is dropped if it takes longer than
    /// [`send_deadline`](super::RelayBuilder::send_deadline); a panic is caught. Every message of
    /// the batch then counts as failed, and comes again.
    fn send<'a>(&'a self, batch: &'a [OutboxMessage]) -> BoxFuture<'a, Vec<Result<(), SinkError>>>;

    /// Whether a batch may hold several messages of one destination and key. Default: false, and a
    /// batch holds one at most, so that there is nothing to get wrong.
    ///
    /// A sink that says true sends those in order, and once one of them has failed it sends none of
    /// that key behind it: it answers [`SinkError::Again`] for them. That is much quicker where
    /// many messages share a key.
    fn keeps_order(&self) -> bool {
        false
    }
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// It may succeed later, or it is not known whether it was taken. It comes again.
    #[error("to be sent again: {reason}")]
    Again {
        /// Why, for the log and for operators.
        reason: String,
    },
    /// It will never be taken: it is parked.
    #[error("refused for good: {reason}")]
    Refused {
        /// Why, for the log and for operators.
        reason: String,
    },
}

impl SinkError {
    /// It may succeed later.
    pub fn again(reason: impl fmt::Display) -> Self {
        Self::Again {
            reason: shortened(&reason.to_string()),
        }
    }

    /// It will never be taken.
    pub fn refused(reason: impl fmt::Display) -> Self {
        Self::Refused {
            reason: shortened(&reason.to_string()),
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        match self {
            Self::Again { reason } | Self::Refused { reason } => reason,
        }
    }
}

/// A reason as it is kept: of bounded length, and without NUL, which Postgres does not keep.
pub(super) fn shortened(reason: &str) -> String {
    let kept = reason.chars().filter(|c| *c != '\0');
    kept.take(REASON_CHARS_MAX).collect()
}

impl Classified for SinkError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Again { .. } => ErrorClass::Unavailable,
            Self::Refused { .. } => ErrorClass::BadGateway,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Again { .. } => "OUTBOX_AGAIN",
            Self::Refused { .. } => "OUTBOX_REFUSED",
        }
    }
}

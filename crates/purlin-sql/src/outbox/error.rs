//! What can go wrong with a message before it is sent.

use std::borrow::Cow;

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use uuid::Uuid;

use crate::SqlError;

/// Why a message was not put, or the outbox could not be asked. Nothing was written by the call.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// There is a message with that id already.
    #[error("there is a message {id} in the outbox already")]
    Taken {
        /// The id.
        id: Uuid,
    },
    /// Headers and body together are too large. Keep the content elsewhere and send where it is.
    #[error("the message has {bytes} bytes, at most {bytes_max} are allowed")]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What it may have.
        bytes_max: usize,
    },
    /// The name is not one of a sink.
    #[error("`{name}` does not name a sink: 1 to 63 of the characters a-z 0-9 _ - .")]
    Sink {
        /// Its beginning.
        name: String,
    },
    /// The destination is empty, too long or has control characters.
    #[error("a destination has 1 to 255 bytes and no control characters")]
    Destination,
    /// The key is empty, too long or has control characters.
    #[error("a key has 1 to 255 bytes and no control characters")]
    Key,
    /// The database said no.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl Classified for OutboxError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Taken { .. } => ErrorClass::Conflict,
            Self::TooLarge { .. } => ErrorClass::TooLarge,
            Self::Sink { .. } => ErrorClass::Internal,
            Self::Destination | Self::Key => ErrorClass::Invalid,
            Self::Sql(error) => error.class(),
        }
    }

    fn classes() -> ErrorClasses {
        SqlError::classes().and(ErrorClasses::of(&[ErrorClass::TooLarge]))
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "OUTBOX_TAKEN",
            Self::TooLarge { .. } => "OUTBOX_TOO_LARGE",
            Self::Sink { .. } => "OUTBOX_SINK",
            Self::Destination => "OUTBOX_DESTINATION",
            Self::Key => "OUTBOX_KEY",
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::TooLarge { .. } | Self::Destination | Self::Key => {
                Some(Cow::Owned(self.to_string()))
            }
            Self::Sql(error) => error.public_detail(),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Sql(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// An option of a [`Relay`](super::Relay) is out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("option `{option}` of a relay must be {expected}")]
pub struct RelayOptionError {
    /// The option.
    pub option: &'static str,
    /// What is allowed.
    pub expected: &'static str,
}

impl Classified for RelayOptionError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "OUTBOX_OPTION"
    }
}

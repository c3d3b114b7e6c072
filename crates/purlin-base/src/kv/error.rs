//! Why a call of a store failed.

use std::time::Duration;

use super::{KEY_BYTES_MAX, KEYS_MAX, TTL_MAX};
use crate::{BoxError, Classified, ErrorClass};

/// Why a call of a store failed. No text of it contains a key or a value: both may be secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KvError {
    /// A key is empty, too long, or contains NUL.
    #[error("the key has {key_bytes} bytes; expected 1 to {KEY_BYTES_MAX}, none of them NUL")]
    InvalidKey {
        /// Bytes of the key.
        key_bytes: usize,
    },
    /// Too many keys were asked for at once: ask in parts.
    #[error("{keys} keys were asked for at once; at most {KEYS_MAX} may be")]
    TooManyKeys {
        /// Keys asked for.
        keys: usize,
    },
    /// The value is longer than the store takes.
    #[error("the value has {value_bytes} bytes; at most {value_bytes_max} may be kept")]
    TooLarge {
        /// Bytes of the value.
        value_bytes: usize,
        /// Bytes that a value may have.
        value_bytes_max: usize,
    },
    /// The time to live is too short or too long.
    #[error("the time to live is {ttl:?}; expected 1 ms to {} days", TTL_MAX.as_secs() / 86_400)]
    InvalidTtl {
        /// What was given.
        ttl: Duration,
    },
    /// The value under the key is not a whole number in decimal text, so nothing can be added.
    #[error("the value is not a number")]
    NotANumber,
    /// The sum is beyond what 64 bits hold.
    #[error("the sum is beyond 64 bits")]
    Overflow,
    /// The store is full and does not evict: nothing was written. Let entries expire, or give the
    /// store more room.
    #[error("the store is full")]
    Full,
    /// The store could not be reached; whether the change was made is unknown.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),
}

impl Classified for KvError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Full | Self::Unavailable(_) => ErrorClass::Unavailable,
            _ => ErrorClass::Internal,
        }
    }

    fn classes() -> crate::ErrorClasses {
        crate::ErrorClasses::of(&[ErrorClass::Internal, ErrorClass::Unavailable])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidKey { .. } => "KV_INVALID_KEY",
            Self::TooManyKeys { .. } => "KV_TOO_MANY_KEYS",
            Self::TooLarge { .. } => "KV_TOO_LARGE",
            Self::InvalidTtl { .. } => "KV_INVALID_TTL",
            Self::NotANumber => "KV_NOT_A_NUMBER",
            Self::Overflow => "KV_OVERFLOW",
            Self::Full => "KV_FULL",
            Self::Unavailable(_) => "KV_UNAVAILABLE",
        }
    }
}

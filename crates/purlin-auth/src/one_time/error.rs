//! What can go wrong with tokens that are good once.

use std::{borrow::Cow, time::Duration};

use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_sql::SqlError;

/// Why a token was not issued or not taken. No text of it holds a token or a user.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OneTimeError {
    /// The token never was, is for something else, was used, was voided or has expired: ask for a
    /// new one.
    #[error("the link is not valid any more: ask for a new one")]
    Invalid,
    /// The user was issued as many as there may be within an hour. Who asks must not be told:
    /// that would say that there is such a user.
    #[error("as many tokens were issued as there may be within an hour")]
    TooMany,
    /// The user is empty, too long or has control characters, or what the token is about is too
    /// long: nothing was written.
    #[error("a user has 1 to 256 bytes without control characters; a token is about 320 at most")]
    Owner,
    /// The database.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl Classified for OneTimeError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Invalid => ErrorClass::BadRequest,
            Self::TooMany => ErrorClass::RateLimited,
            Self::Owner => ErrorClass::Internal,
            Self::Sql(error) if error.class().is_transient() => error.class(),
            Self::Sql(_) => ErrorClass::Internal,
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::BadRequest,
            ErrorClass::RateLimited,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid => "AUTH_ONE_TIME_INVALID",
            Self::TooMany => "AUTH_ONE_TIME_TOO_MANY",
            Self::Owner => "AUTH_ONE_TIME_OWNER",
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        matches!(self, Self::Invalid | Self::TooMany).then(|| self.to_string().into())
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany => Some(super::WINDOW),
            Self::Sql(error) => error.retry_after(),
            Self::Invalid | Self::Owner => None,
        }
    }
}

/// An option of tokens is out of its bounds. Found at start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tokens' `{option}` is out of bounds: expected {expected}")]
pub struct OneTimeOptionError {
    /// The option.
    pub option: &'static str,
    /// What it may be.
    pub expected: &'static str,
}

impl Classified for OneTimeOptionError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "AUTH_ONE_TIME_OPTION"
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }
}

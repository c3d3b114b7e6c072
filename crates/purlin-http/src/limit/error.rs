//! Why a check or a setup fails.

use std::{borrow::Cow, time::Duration};

use purlin_base::{Classified, ErrorClass, ErrorClasses};

use super::Decision;

/// Why a request may not pass.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// The limit is used up: wait for [`Decision::retry_after`].
    #[error("the limit {name} is used up; try again in {} s", wait_seconds(.decision.retry_after))]
    Exceeded {
        /// The name of the limit.
        name: String,
        /// What the check came to.
        decision: Decision,
    },
    /// The shared store is away, and the limit is to refuse then.
    #[error("the store of rate limits is away")]
    Unavailable,
}

/// Whole seconds to wait, at least 1.
pub(super) fn wait_seconds(wait: Duration) -> u64 {
    super::quota::seconds_up(wait).max(1)
}

impl Classified for LimitError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Exceeded { .. } => ErrorClass::RateLimited,
            Self::Unavailable => ErrorClass::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Exceeded { .. } => "RATE_LIMITED",
            Self::Unavailable => "RATE_LIMIT_STORE_AWAY",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[ErrorClass::RateLimited, ErrorClass::Unavailable])
    }

    fn retry_after(&self) -> Option<Duration> {
        let seconds = match self {
            Self::Exceeded { decision, .. } => wait_seconds(decision.retry_after),
            Self::Unavailable => 1,
        };
        Some(Duration::from_secs(seconds))
    }
}

/// An option of a limit is out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {option} of a rate limit is {given}; expected {expected}")]
#[non_exhaustive]
pub struct LimitOptionError {
    /// The option.
    pub option: &'static str,
    /// What was given.
    pub given: String,
    /// What it may be.
    pub expected: &'static str,
}

impl Classified for LimitOptionError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "RATE_LIMIT_OPTION"
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }
}

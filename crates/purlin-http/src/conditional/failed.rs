//! A condition that does not hold.

use purlin_base::{Classified, ErrorClass, ErrorClasses};

/// A condition of the request does not hold, and nothing was done. 412.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreconditionFailed {
    /// `If-Match`: the thing is not in a state that the caller has seen. Read it again.
    #[error("it has changed since you read it: read it again")]
    IfMatch,
    /// `If-Unmodified-Since`: the thing was changed later than that. Read it again.
    #[error("it was changed since then: read it again")]
    IfUnmodifiedSince,
    /// `If-None-Match`: the thing is there, or in a state that the caller excludes.
    #[error("it is there already, in a state that `If-None-Match` excludes")]
    IfNoneMatch,
}

impl Classified for PreconditionFailed {
    fn class(&self) -> ErrorClass {
        ErrorClass::PreconditionFailed
    }

    fn classes() -> ErrorClasses {
        ErrorClass::PreconditionFailed.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::IfMatch => "HTTP_IF_MATCH_FAILED",
            Self::IfUnmodifiedSince => "HTTP_IF_UNMODIFIED_SINCE_FAILED",
            Self::IfNoneMatch => "HTTP_IF_NONE_MATCH_FAILED",
        }
    }

    fn public_detail(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.to_string().into())
    }
}

//! The guard against lost updates.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{header, request::Parts};
use purlin_base::{Classified, ErrorClass, FieldError};

use crate::{
    Problem,
    reply::{ETag, etag::TagList},
};

/// The states that the caller has seen: the value of `If-Match`, which is required.
///
/// To compare and to write must be one statement of the database, or another may write in
/// between: use [`tags`](Self::tags) in it, or hold the row.
///
/// # Examples
///
/// ```
/// use purlin_http::{ETag, IfMatch};
///
/// let seen = IfMatch::tag(ETag::strong(7));
/// assert!(seen.check(&ETag::strong(7)).is_ok());
/// assert!(seen.check(&ETag::strong(8)).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(TagList);

/// The thing is not in a state that the caller has seen: read it again. 412.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has changed since you read it: read it again")]
pub struct PreconditionFailed;

impl Classified for PreconditionFailed {
    fn class(&self) -> ErrorClass {
        ErrorClass::PreconditionFailed
    }

    fn classes() -> purlin_base::ErrorClasses {
        ErrorClass::PreconditionFailed.into()
    }

    fn code(&self) -> &'static str {
        "HTTP_IF_MATCH_FAILED"
    }
}

impl IfMatch {
    /// The state `tag` alone.
    pub fn tag(tag: ETag) -> Self {
        Self(TagList::Some(vec![tag]))
    }

    /// Whether any state will do: `*`.
    pub fn is_any(&self) -> bool {
        self.0 == TagList::Any
    }

    /// The states, at most 64; empty if any will do.
    pub fn tags(&self) -> &[ETag] {
        match &self.0 {
            TagList::Any => &[],
            TagList::Some(tags) => tags,
        }
    }

    /// Asks that the thing, which is there in the state `present`, be in one of the states.
    ///
    /// # Errors
    ///
    /// [`PreconditionFailed`] if it is not. Weak tags never match.
    pub fn check(&self, present: &ETag) -> Result<(), PreconditionFailed> {
        let seen = self.is_any() || self.tags().iter().any(|tag| tag.matches_strongly(present));
        seen.then_some(()).ok_or(PreconditionFailed)
    }
}

/// The value of all `If-Match` fields together; `None` if there is none.
fn read(parts: &Parts) -> Result<Option<IfMatch>, Problem> {
    let mut fields = Vec::new();
    for field in parts.headers.get_all(header::IF_MATCH) {
        fields.push(field.to_str().map_err(|_| malformed())?);
    }
    if fields.is_empty() {
        return Ok(None);
    }
    let tags = TagList::read(&fields.join(",")).ok_or_else(malformed)?;
    Ok(Some(IfMatch(tags)))
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(parts)?.ok_or_else(|| {
            Problem::new(ErrorClass::PreconditionRequired, "HTTP_IF_MATCH_MISSING")
                .detail("send `If-Match` with the ETag of the state you have read")
        })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        read(parts)
    }
}

fn malformed() -> Problem {
    let message = "it is `*`, or a list of at most 64 tags in quotes";
    Problem::new(ErrorClass::BadRequest, "HTTP_IF_MATCH_MALFORMED")
        .detail("`If-Match` is not well formed")
        .field(FieldError::parameter("If-Match", "malformed", message))
}

//! The guard against lost updates.

use std::ops::Deref;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{header, request::Parts};
use purlin_base::ErrorClass;

use crate::{
    Problem,
    conditional::{Preconditions, tag_list::TagList},
    reply::{ETag, etag::Tag},
};

/// The [`Preconditions`] of a request that has an `If-Match`, which is demanded: 428 without.
///
/// To compare and to write must be one statement of the database, or another may write in
/// between: use [`states`](Preconditions::states) in it, or hold the row.
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
pub struct IfMatch(Preconditions);

impl IfMatch {
    /// The state `tag` alone.
    pub fn tag(tag: ETag) -> Self {
        let mut seen = Preconditions::default();
        seen.if_match = TagList::of(tag.to_value());
        Self(seen)
    }

    fn list(&self) -> impl Iterator<Item = &TagList> {
        self.0.if_match.iter()
    }

    /// Whether any state will do: `*`.
    pub fn is_any(&self) -> bool {
        self.list().any(TagList::is_any)
    }

    /// The states, at most 64; none if any will do.
    pub fn tags(&self) -> impl Iterator<Item = ETag> {
        self.list()
            .flat_map(TagList::tags)
            .filter_map(Tag::to_owned)
    }
}

impl Deref for IfMatch {
    type Target = Preconditions;

    fn deref(&self) -> &Preconditions {
        &self.0
    }
}

impl From<IfMatch> for Preconditions {
    fn from(seen: IfMatch) -> Self {
        seen.0
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let given = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        given.ok_or_else(|| {
            Problem::new(ErrorClass::PreconditionRequired, "HTTP_IF_MATCH_MISSING")
                .detail("send `If-Match` with the ETag of the state you have read")
        })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            return Ok(None);
        }
        let read = <Preconditions as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Some(Self(read)))
    }
}

//! The conditions of one request, and the order in which they count.

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, Method, header, request::Parts};
use purlin_base::{ErrorClass, FieldError};

use super::{
    PreconditionFailed, Validators, date,
    tag_list::{Malformed, TagList},
};
use crate::{
    ETag, Problem,
    reply::etag::{Compared, Tag},
};

/// Every condition of a request: `If-Match`, `If-Unmodified-Since`, `If-None-Match` and
/// `If-Modified-Since`.
///
/// For handlers that write; for GET and HEAD, [`Edge`](crate::Edge) decides on their answer. A
/// handler checks once it knows that it would do the work without conditions: 404 and 422 come
/// before 412.
///
/// ```
/// use purlin_http::{Created, ETag, Path, Problem, Route, Routes, conditional::Preconditions};
///
/// // Creates and never replaces: `If-None-Match: *` is 412 for a name that is taken.
/// async fn create(Path(name): Path<String>, asked: Preconditions) -> Result<Created<String>, Problem> {
///     match name.as_str() {
///         "taken" => asked.check(ETag::strong(1))?,
///         _ => asked.check_absent()?,
///     }
///     Ok(Created::at(format!("/names/{name}"), name).tagged(ETag::strong(1)))
/// }
/// ```
///
/// To compare and to write must be one statement of the database, or another may write in
/// between: use [`states`](Self::states) in it, or hold the row.
///
/// # Rejections
///
/// 400 for an `If-Match`, or for a method that writes an `If-None-Match`, that is malformed or
/// names more than 64 tags. Dates that are none are ignored, as the RFC has it.
///
/// # Source
///
/// RFC 9110 §13.1 and §13.2.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preconditions {
    reads: bool,
    pub(crate) if_match: Option<TagList>,
    if_unmodified_since: Option<i64>,
    pub(crate) if_none_match: Option<TagList>,
    if_modified_since: Option<i64>,
}

/// What the conditions say of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on.
    Holds,
    /// The caller has it already.
    NotModified,
    /// Do nothing.
    Failed(PreconditionFailed),
}

impl Preconditions {
    /// Tags of one field that a write takes; more are 400.
    pub const TAGS_MAX: usize = 64;

    /// Reads the conditions of a request, of whatever length.
    ///
    /// A malformed `If-None-Match` only costs a reader its copy; for a write it would cost a guard.
    pub(crate) fn read(method: &Method, headers: &HeaderMap) -> Result<Self, Problem> {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let if_match = TagList::read(headers, &header::IF_MATCH)
            .map_err(|Malformed| malformed("HTTP_IF_MATCH_MALFORMED", "If-Match"))?;
        let if_none_match = match TagList::read(headers, &header::IF_NONE_MATCH) {
            Err(Malformed) if !reads => {
                return Err(malformed("HTTP_IF_NONE_MATCH_MALFORMED", "If-None-Match"));
            }
            read => read.unwrap_or_default(),
        };
        Ok(Self {
            reads,
            if_match,
            if_unmodified_since: only_date(headers, &header::IF_UNMODIFIED_SINCE),
            if_none_match,
            if_modified_since: only_date(headers, &header::IF_MODIFIED_SINCE),
        })
    }

    /// Asks that a thing which is there in the state `present` may be written.
    ///
    /// Tags are compared by their [state](crate::ETag::state): who has read one representation has
    /// seen the state that all of them show.
    ///
    /// # Errors
    ///
    /// [`PreconditionFailed`] with the field that says no. For GET and HEAD, a caller who has the
    /// state already is no error.
    pub fn check(&self, present: impl Into<Validators>) -> Result<(), PreconditionFailed> {
        failure(self.verdict(Some(&present.into()), Compared::State))
    }

    /// Asks that a thing which is not there may be made.
    ///
    /// # Errors
    ///
    /// [`PreconditionFailed::IfMatch`] if the caller has seen one.
    pub fn check_absent(&self) -> Result<(), PreconditionFailed> {
        failure(self.verdict(None, Compared::State))
    }

    /// Asks that the caller have named what he has seen, by `If-Match` or `If-Unmodified-Since`.
    ///
    /// # Errors
    ///
    /// 428 with `HTTP_PRECONDITION_MISSING`.
    pub fn required(&self) -> Result<(), Problem> {
        if self.if_match.is_some() || self.if_unmodified_since.is_some() {
            return Ok(());
        }
        let detail = "send `If-Match` with the ETag, or `If-Unmodified-Since` with the \
                      `Last-Modified`, of the state you have read";
        Err(Problem::new(
            ErrorClass::PreconditionRequired,
            "HTTP_PRECONDITION_MISSING",
        )
        .detail(detail))
    }

    /// The order of RFC 9110 §13.2.2.
    pub(crate) fn verdict(&self, present: Option<&Validators>, compared: Compared) -> Verdict {
        if let Some(failed) = self.guard(present, compared) {
            return Verdict::Failed(failed);
        }
        match self.is_excluded(present, compared) {
            false => Verdict::Holds,
            true if self.reads => Verdict::NotModified,
            true => Verdict::Failed(PreconditionFailed::IfNoneMatch),
        }
    }

    /// Steps 1 and 2: whether the thing is still what the caller has seen. A date counts only
    /// where there are no tags.
    fn guard(
        &self,
        present: Option<&Validators>,
        compared: Compared,
    ) -> Option<PreconditionFailed> {
        if let Some(list) = &self.if_match {
            let strongly = |tag: Tag<'_>, present: &ETag| tag.is_strongly(present, compared);
            let failed = !names(list, present, strongly);
            return failed.then_some(PreconditionFailed::IfMatch);
        }
        let later = modified(present)? > self.if_unmodified_since?;
        later.then_some(PreconditionFailed::IfUnmodifiedSince)
    }

    /// Steps 3 and 4: whether the thing is what the caller has already, or excludes. A date counts
    /// only where there are no tags, and for reads.
    fn is_excluded(&self, present: Option<&Validators>, compared: Compared) -> bool {
        if let Some(list) = &self.if_none_match {
            return names(list, present, |tag, present| {
                tag.is_weakly(present, compared)
            });
        }
        match (modified(present), self.if_modified_since) {
            (Some(modified), Some(since)) => self.reads && modified <= since,
            _ => false,
        }
    }

    fn names_too_many(&self) -> Option<(&'static str, &'static str)> {
        let long = |list: &Option<TagList>| {
            let tags = list.iter().flat_map(TagList::tags);
            tags.take(Self::TAGS_MAX + 1).count() > Self::TAGS_MAX
        };
        if long(&self.if_match) {
            return Some(("HTTP_IF_MATCH_MALFORMED", "If-Match"));
        }
        let writes = !self.reads && long(&self.if_none_match);
        writes.then_some(("HTTP_IF_NONE_MATCH_MALFORMED", "If-None-Match"))
    }
}

fn failure(verdict: Verdict) -> Result<(), PreconditionFailed> {
    match verdict {
        Verdict::Holds | Verdict::NotModified => Ok(()),
        Verdict::Failed(failed) => Err(failed),
    }
}

/// Whether `list` names the thing, by a comparison of tags.
fn names(
    list: &TagList,
    present: Option<&Validators>,
    same: impl Fn(Tag<'_>, &ETag) -> bool,
) -> bool {
    let tag = present.and_then(|present| present.tag.as_ref());
    let any = list.is_any() && present.is_some();
    any || tag.is_some_and(|present| list.tags().any(|tag| same(tag, present)))
}

fn modified(present: Option<&Validators>) -> Option<i64> {
    Some(present?.modified?.unix_seconds())
}

/// A date that is sent twice is none.
fn only_date(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let mut fields = headers.get_all(name).iter();
    let (field, None) = (fields.next()?, fields.next()) else {
        return None;
    };
    date::read(field)
}

fn malformed(code: &'static str, name: &'static str) -> Problem {
    let message = "it is `*`, or a list of at most 64 tags in quotes";
    Problem::new(ErrorClass::BadRequest, code)
        .detail(format!("`{name}` is not well formed"))
        .field(FieldError::parameter(name, "malformed", message))
}

impl<S: Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = Self::read(&parts.method, &parts.headers)?;
        match read.names_too_many() {
            Some((code, name)) => Err(malformed(code, name)),
            None => Ok(read),
        }
    }
}

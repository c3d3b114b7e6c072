//! What names the present state of a thing.

use http::{HeaderMap, header};
use purlin_base::Timestamp;

use super::date;
use crate::ETag;

/// The validator fields of a thing that is there: the tag of its state, and when it was changed
/// last, as far as they are known.
///
/// Made of an [`ETag`], of a [`Timestamp`], or of both:
///
/// ```
/// use purlin_base::Timestamp;
/// use purlin_http::{ETag, conditional::Validators};
///
/// let changed_at: Timestamp = "2026-11-24T03:44:34Z".parse().unwrap();
/// let state: Validators = (ETag::strong(7), changed_at).into();
/// assert_eq!(state.tag, Some(ETag::strong(7)));
/// ```
///
/// # Source
///
/// RFC 9110 §8.8.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The tag of the representation.
    pub tag: Option<ETag>,
    /// When it was changed last. Fields hold whole seconds, and the years 1970 to 9999; a time
    /// outside of them is not sent. It must not lie in the future.
    pub modified: Option<Timestamp>,
}

impl From<ETag> for Validators {
    fn from(tag: ETag) -> Self {
        Self {
            tag: Some(tag),
            modified: None,
        }
    }
}

impl From<&ETag> for Validators {
    fn from(tag: &ETag) -> Self {
        tag.clone().into()
    }
}

impl From<Timestamp> for Validators {
    fn from(modified: Timestamp) -> Self {
        Self {
            tag: None,
            modified: Some(modified),
        }
    }
}

impl From<(ETag, Timestamp)> for Validators {
    fn from((tag, modified): (ETag, Timestamp)) -> Self {
        Self {
            tag: Some(tag),
            modified: Some(modified),
        }
    }
}

impl Validators {
    /// Those of an answer.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let seconds = headers.get(header::LAST_MODIFIED).and_then(date::read);
        let at = |seconds: i64| Timestamp::from_unix_micros(seconds.saturating_mul(1_000_000));
        Self {
            tag: headers.get(header::ETAG).and_then(ETag::read),
            modified: seconds.map(at),
        }
    }

    /// Puts them on an answer.
    pub(crate) fn put(&self, headers: &mut HeaderMap) {
        if let Some(tag) = &self.tag {
            headers.insert(header::ETAG, tag.to_value());
        }
        if let Some(value) = self.modified.and_then(date::write) {
            headers.insert(header::LAST_MODIFIED, value);
        }
    }
}

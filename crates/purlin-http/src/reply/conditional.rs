//! Answers that carry a tag, and 304 for those who have them already.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{ETag, Ok200, Reply, etag::TagList};

/// 200 with an `ETag` and, if asked, `Cache-Control`. [`Edge`](crate::Edge) turns it into 304
/// for a caller whose `If-None-Match` names the tag.
///
/// # Examples
///
/// ```
/// use purlin_http::{ETag, Json, Reply, Tagged};
///
/// let answer = Tagged::new(ETag::strong(7), Json("a book")).cache_control("no-cache").reply();
/// assert_eq!(answer.headers()["etag"], "\"7\"");
/// ```
#[derive(Clone, Debug)]
pub struct Tagged<T> {
    tag: ETag,
    cache_control: Option<&'static str>,
    inner: T,
}

impl<T: Ok200> Tagged<T> {
    /// `inner`, whose present state is named `tag`.
    pub fn new(tag: ETag, inner: T) -> Self {
        Self {
            tag,
            cache_control: None,
            inner,
        }
    }

    /// Adds `Cache-Control`.
    ///
    /// # Panics
    ///
    /// When `value` is not a legal field value.
    pub fn cache_control(mut self, value: &'static str) -> Self {
        self.cache_control = Some(value);
        self
    }
}

impl<T: Ok200> Reply for Tagged<T> {
    const SERIALIZED: bool = T::SERIALIZED;

    fn reply(self) -> Response {
        let mut response = self.inner.reply();
        if response.status() == StatusCode::OK {
            let headers = response.headers_mut();
            headers.insert(header::ETAG, self.tag.to_value());
            if let Some(value) = self.cache_control {
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
            }
        }
        response
    }
}

impl<T: Ok200> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        self.reply()
    }
}

/// Turns the 200 `response` of a GET or HEAD into 304 if `wanted`, the value of `If-None-Match`,
/// names its tag. A malformed value is ignored.
pub(crate) fn not_modified(mut response: Response, wanted: &HeaderValue) -> Response {
    if response.status() != StatusCode::OK || !names(wanted, response.headers()) {
        return response;
    }
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = Body::empty();
    for gone in [
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
    ] {
        response.headers_mut().remove(gone);
    }
    response
}

fn names(wanted: &HeaderValue, headers: &HeaderMap) -> bool {
    let tag = headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .and_then(ETag::read);
    let (Some((tag, _)), Ok(wanted)) = (tag, wanted.to_str()) else {
        return false;
    };
    match TagList::read(wanted) {
        Some(TagList::Any) => true,
        Some(TagList::Some(tags)) => tags.iter().any(|known| known.matches_weakly(&tag)),
        None => false,
    }
}

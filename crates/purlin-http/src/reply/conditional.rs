//! Answers that say in which state they show a thing.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::{Ok200, Reply};
use crate::{conditional::Validators, edge::current};

/// 200 with an `ETag`, a `Last-Modified` or both, and `Cache-Control`. [`Edge`](crate::Edge) turns
/// it into 304 for a caller who has that state already, and into 412 for one who asked for another.
///
/// `Cache-Control` is what [`cache_control`](Self::cache_control) says, else what the route says,
/// else `no-cache`: a copy may be kept, and is asked about before it is used.
///
/// # Examples
///
/// ```
/// use purlin_http::{ETag, Json, Reply, Tagged};
///
/// let answer = Tagged::new(ETag::strong(7), Json("a book")).reply();
/// assert_eq!(answer.headers()["etag"], "\"7\"");
/// assert_eq!(answer.headers()["cache-control"], "no-cache");
/// ```
#[derive(Clone, Debug)]
pub struct Tagged<T> {
    state: Validators,
    cache_control: Option<&'static str>,
    inner: T,
}

impl<T: Ok200> Tagged<T> {
    /// `inner`, whose present state is named by an [`ETag`](crate::ETag), by the
    /// [`Timestamp`](purlin_base::Timestamp) of its last change, or by both as a pair.
    pub fn new(state: impl Into<Validators>, inner: T) -> Self {
        Self {
            state: state.into(),
            cache_control: None,
            inner,
        }
    }

    /// Adds `Cache-Control`, in place of what the route says.
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
            self.state.put(headers);
            let silent = || (!current::route_speaks_of_caching()).then_some("no-cache");
            if let Some(value) = self.cache_control.or_else(silent) {
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

//! An answer that sets cookies.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use super::Reply;
use crate::openapi::{DescribeReply, Operation};

/// An answer with `Set-Cookie`, and with `Cache-Control: no-store`: who keeps it keeps what the
/// cookie holds.
///
/// # Examples
///
/// ```
/// use http::HeaderValue;
/// use purlin_http::{NoContent, Reply, WithCookie};
///
/// let gone = HeaderValue::from_static("theme=; Max-Age=0");
/// let answer = WithCookie::new(NoContent, gone).reply();
/// assert_eq!(answer.headers()["set-cookie"], "theme=; Max-Age=0");
/// assert_eq!(answer.headers()["cache-control"], "no-store");
/// ```
#[derive(Clone, Debug)]
pub struct WithCookie<R> {
    answer: R,
    cookie: HeaderValue,
}

impl<R: Reply> WithCookie<R> {
    /// `answer`, which sets `cookie`: the whole value of `Set-Cookie`.
    pub fn new(answer: R, cookie: HeaderValue) -> Self {
        Self { answer, cookie }
    }
}

impl<R: Reply> Reply for WithCookie<R> {
    const SERIALIZED: bool = R::SERIALIZED;

    fn reply(self) -> Response {
        let mut response = self.answer.reply();
        let headers = response.headers_mut();
        headers.append(header::SET_COOKIE, self.cookie);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl<R: Reply> IntoResponse for WithCookie<R> {
    fn into_response(self) -> Response {
        self.reply()
    }
}

impl<R: DescribeReply> DescribeReply for WithCookie<R> {
    fn describe(operation: &mut Operation<'_>) {
        R::describe(operation);
    }
}

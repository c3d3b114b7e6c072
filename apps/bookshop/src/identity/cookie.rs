//! The cookie that a refresh token travels in: no script can read it, no other site sends it, and
//! it is shown to nothing but `/api/auth`.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use purlin::http::{
    openapi::{DescribeReply, Operation},
    reply::Reply,
};
use serde_json::json;

use super::tokens::Pair;

/// The name of the cookie.
pub(super) const REFRESH_COOKIE: &str = "refresh_token";

const ATTRIBUTES: &str = "HttpOnly; SameSite=Strict; Path=/api/auth";

/// An answer that sets or takes away the refresh token.
pub(super) struct WithRefresh<T> {
    inner: T,
    cookie: Option<HeaderValue>,
}

impl<T> WithRefresh<T> {
    /// `inner` with the refresh token of `pair`.
    pub(super) fn set(inner: T, pair: &Pair, is_secure: bool) -> Self {
        let (token, seconds) = (&pair.refresh, pair.refresh_ttl.as_secs());
        Self::cookie(inner, &format!("{token}; Max-Age={seconds}"), is_secure)
    }

    /// `inner`, with the refresh token taken away.
    pub(super) fn clear(inner: T, is_secure: bool) -> Self {
        Self::cookie(inner, "; Max-Age=0", is_secure)
    }

    fn cookie(inner: T, value: &str, is_secure: bool) -> Self {
        let secure = if is_secure { "; Secure" } else { "" };
        let text = format!("{REFRESH_COOKIE}={value}; {ATTRIBUTES}{secure}");
        // Always a good value: the token is base64url.
        let mut cookie = HeaderValue::from_str(&text).ok();
        if let Some(cookie) = &mut cookie {
            cookie.set_sensitive(true);
        }
        Self { inner, cookie }
    }
}

impl<T: Reply> Reply for WithRefresh<T> {
    const SERIALIZED: bool = T::SERIALIZED;

    fn reply(self) -> Response {
        let mut response = self.inner.reply();
        // RFC 6749 §5.1: nobody keeps a token but whoever asked for it.
        let no_store = HeaderValue::from_static("no-store");
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, no_store);
        if let Some(cookie) = self.cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl<T: DescribeReply> DescribeReply for WithRefresh<T> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
    }
}

/// For `#[describe]`: a sign-in sets the cookie.
pub(super) fn sets_cookie(operation: &mut Operation<'_>) {
    operation.answer_header(
        200,
        "Set-Cookie",
        "The refresh token: HttpOnly, SameSite=Strict, for `/api/auth` alone.",
        json!({"type": "string"}),
    );
}

/// The refresh token that a browser shows. Two cookies of the name are none: one of them was put
/// there by somebody else.
pub(super) fn shown(headers: &HeaderMap) -> Option<&str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == REFRESH_COOKIE)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

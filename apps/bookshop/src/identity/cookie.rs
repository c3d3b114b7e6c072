//! The cookie that a refresh token travels in: no script can read it, no other site sends it, and
//! it is shown to nothing but `/api/auth`.

use axum::http::{HeaderMap, HeaderValue, header};
use purlin::http::{WithCookie, openapi::Operation, reply::Reply};
use serde_json::json;

use super::tokens::Pair;

/// The name of the cookie. Where the public comes by TLS it has a prefix, so that nobody can have
/// put it there without; `__Host-` would need it to be shown everywhere.
const fn name(is_secure: bool) -> &'static str {
    if is_secure {
        "__Secure-refresh_token"
    } else {
        "refresh_token"
    }
}

const ATTRIBUTES: &str = "HttpOnly; SameSite=Strict; Path=/api/auth";

/// `inner` with the refresh token of `pair`.
pub(super) fn set<T: Reply>(inner: T, pair: &Pair, is_secure: bool) -> WithCookie<T> {
    let (token, seconds) = (&pair.refresh, pair.refresh_ttl.as_secs());
    cookie(inner, &format!("{token}; Max-Age={seconds}"), is_secure)
}

/// `inner`, with the refresh token taken away.
pub(super) fn clear<T: Reply>(inner: T, is_secure: bool) -> WithCookie<T> {
    cookie(inner, "; Max-Age=0", is_secure)
}

fn cookie<T: Reply>(inner: T, value: &str, is_secure: bool) -> WithCookie<T> {
    let secure = if is_secure { "; Secure" } else { "" };
    let text = format!("{}={value}; {ATTRIBUTES}{secure}", name(is_secure));
    // Always a good value, since the token is base64url; were it not, no token is better than half.
    let mut cookie = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    cookie.set_sensitive(true);
    WithCookie::new(inner, cookie)
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
pub(super) fn shown(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name(is_secure))
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

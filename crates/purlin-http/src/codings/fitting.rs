//! Which answers may be compressed.
//!
//! Compression tells by its length what a body holds. Where a body holds a secret beside text of
//! an attacker's choice, and the attacker can make the victim's browser ask again and again, the
//! secret can be guessed byte by byte (BREACH). What a browser sends by itself are cookies, and the
//! name and password of `Basic`; an answer to a request with one of them is compressed only if it
//! says that it is `public`. A bearer token is sent by a program that has it.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};

/// Whether `response` is one that could be compressed, whatever its length and whatever the caller
/// accepts.
pub(super) fn may_be_coded(response: &Response, by_itself: bool) -> bool {
    let (status, headers) = (response.status(), response.headers());
    let has_whole_body = status.is_success() && !matches!(status.as_u16(), 204..=206);
    let settled = [
        header::CONTENT_ENCODING,
        header::CONTENT_RANGE,
        header::SET_COOKIE,
    ];
    has_whole_body
        && !settled.iter().any(|name| headers.contains_key(name))
        && !directive(headers, &["no-store", "no-transform"])
        && (!by_itself || directive(headers, &["public"]))
        && headers.get(header::CONTENT_TYPE).is_some_and(is_text)
}

/// Whether a request with `headers` shows who is asking by what a browser adds unasked.
pub(super) fn by_itself(headers: &HeaderMap) -> bool {
    let mut shown = headers.get_all(header::AUTHORIZATION).iter();
    let is_bearer = |value: &HeaderValue| {
        let scheme = value.as_bytes().first_chunk::<7>();
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
    };
    headers.contains_key(header::COOKIE) || shown.any(|value| !is_bearer(value))
}

/// Whether `Cache-Control` has one of `names`.
fn directive(headers: &HeaderMap, names: &[&str]) -> bool {
    let fields = headers.get_all(header::CACHE_CONTROL).iter();
    let texts = fields.filter_map(|field| field.to_str().ok());
    let mut directives = texts.flat_map(|text| text.split(','));
    directives.any(|one| {
        names
            .iter()
            .any(|name| one.trim().eq_ignore_ascii_case(name))
    })
}

/// Whether a media type is one of text. Streams of events are left out: they are many small pieces
/// that must arrive at once, and intermediaries are known to hold coded ones back.
fn is_text(media_type: &HeaderValue) -> bool {
    let text = media_type.to_str().unwrap_or_default();
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let named = [
        "application/javascript",
        "application/json",
        "application/x-ndjson",
        "application/xml",
        "application/wasm",
    ];
    essence != "text/event-stream"
        && (essence.starts_with("text/")
            || essence.ends_with("+json")
            || essence.ends_with("+xml")
            || named.contains(&essence.as_str()))
}

//! Decides the conditions of a GET or HEAD on its answer.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use crate::{
    conditional::{Preconditions, Validators, Verdict},
    reply::etag::Compared,
};

/// The conditional fields of a request, kept until there is an answer.
pub(super) struct Asked(Box<HeaderMap>);

/// The conditions of a GET or HEAD, if it has any.
pub(super) fn asked(method: &Method, headers: &HeaderMap) -> Option<Asked> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let conditional = |name: &HeaderName| name.as_str().starts_with("if-");
    let mut kept = HeaderMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| conditional(name)) {
        kept.append(name, value.clone());
    }
    (!kept.is_empty()).then(|| Asked(Box::new(kept)))
}

impl Asked {
    /// `response`, or 304 or 412 in its place. The conditions count for a representation that is
    /// there: for any other answer they are ignored.
    pub(super) fn decide(&self, response: Response) -> Response {
        if !matches!(
            response.status(),
            StatusCode::OK | StatusCode::PARTIAL_CONTENT
        ) {
            return response;
        }
        let conditions = match Preconditions::read(&Method::GET, &self.0) {
            Ok(conditions) => conditions,
            Err(malformed) => return instead(response, malformed.into_response()),
        };
        let present = Validators::of(response.headers());
        match conditions.verdict(Some(&present), Compared::Representation) {
            Verdict::Holds => response,
            Verdict::NotModified => not_modified(response),
            Verdict::Failed(failed) => {
                instead(response, crate::Problem::from(failed).into_response())
            }
        }
    }
}

/// What describes a body, and so has no place in an answer without it.
const ABOUT_BODY: [HeaderName; 6] = [
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_RANGE,
    header::CONTENT_DISPOSITION,
];

/// 304 with the fields that the copy is brought up to date by. Without a tag the date names it.
fn not_modified(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = Body::empty();
    let headers = response.headers_mut();
    ABOUT_BODY.iter().for_each(|name| {
        headers.remove(name);
    });
    if headers.contains_key(header::ETAG) {
        headers.remove(header::LAST_MODIFIED);
    }
    response
}

/// `refusal` with the fields of `response` that are not about what it would have shown.
fn instead(response: Response, mut refusal: Response) -> Response {
    let about_content = [
        header::CACHE_CONTROL,
        header::CONTENT_LOCATION,
        header::ETAG,
        header::EXPIRES,
        header::LAST_MODIFIED,
        header::LINK,
        header::ACCEPT_RANGES,
    ];
    let (parts, _) = response.into_parts();
    for (name, value) in &parts.headers {
        if !ABOUT_BODY.contains(name) && !about_content.contains(name) {
            refusal.headers_mut().append(name, value.clone());
        }
    }
    refusal
}

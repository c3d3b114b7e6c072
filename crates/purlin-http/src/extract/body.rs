//! Reads a body into memory, within its limit.

use axum::{
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::HeaderMap,
};
use bytes::Bytes;
use http::{HeaderValue, header};
use purlin_base::ErrorClass;

use crate::{Problem, edge::current};

/// Reads the whole body of a JSON request.
pub(super) async fn json(request: Request) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        let accept = HeaderValue::from_static("application/json");
        return Err(
            Problem::new(ErrorClass::UnsupportedMediaType, "HTTP_BODY_NOT_JSON")
                .detail("the body must be sent with `Content-Type: application/json`")
                .header(header::ACCEPT, accept),
        );
    }
    refuse_coding(request.headers())?;
    let reading = current::Reading::begin();
    let bytes = Bytes::from_request(request, &()).await;
    reading.end();
    bytes.map_err(refusal)
}

/// Refuses a body that is sent in a coding.
pub(crate) fn refuse_coding(headers: &HeaderMap) -> Result<(), Problem> {
    if !is_coded(headers) {
        return Ok(());
    }
    let accept = HeaderValue::from_static("identity");
    Err(
        Problem::new(ErrorClass::UnsupportedMediaType, "HTTP_BODY_CODED")
            .detail("the body must be sent without `Content-Encoding`")
            .header(header::ACCEPT_ENCODING, accept),
    )
}

/// Whether the bytes are not the body itself, but a coding of it.
fn is_coded(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    codings.into_iter().any(|coding| coding != "identity")
}

/// `application/json` or another type whose suffix is `+json`; parameters do not matter.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str) else {
        return false;
    };
    let essence = kind.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/json") || {
        let (family, rest) = essence.split_once('/').unwrap_or_default();
        let suffix = rest
            .rsplit_once('+')
            .is_some_and(|(_, s)| s.eq_ignore_ascii_case("json"));
        family.eq_ignore_ascii_case("application") && suffix
    }
}

fn refusal(rejection: BytesRejection) -> Problem {
    if rejection.status().as_u16() == ErrorClass::TooLarge.status() {
        return Problem::new(ErrorClass::TooLarge, "HTTP_BODY_TOO_LARGE")
            .detail("the body is larger than this route takes");
    }
    Problem::new(ErrorClass::BadRequest, "HTTP_BODY_INCOMPLETE")
        .detail("the body did not arrive whole")
}

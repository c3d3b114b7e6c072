//! Reads a body into memory, within its limit.

use axum::{
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::HeaderMap,
};
use bytes::Bytes;
use http::{HeaderValue, header};
use purlin_base::ErrorClass;

use crate::{
    Problem,
    edge::current,
    format::{self, BodyFormat},
};

/// Reads the whole body of a request in a format that its route reads.
pub(super) async fn read(request: Request) -> Result<(Bytes, BodyFormat), Problem> {
    let Some(format) = format::of_body(request.headers()) else {
        return Err(not_read());
    };
    refuse_coding(request.headers())?;
    Ok((bytes(request).await?, format))
}

/// Reads the whole body, within the limit of its route.
pub(super) async fn bytes(request: Request) -> Result<Bytes, Problem> {
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

/// 415. What is read is said by `Accept`.
fn not_read() -> Problem {
    if current::xml_roots().is_some() {
        let accept = HeaderValue::from_static("application/json, application/xml");
        return Problem::new(
            ErrorClass::UnsupportedMediaType,
            "HTTP_UNSUPPORTED_MEDIA_TYPE",
        )
        .detail("the body must be sent as `application/json` or `application/xml`, in UTF-8")
        .header(header::ACCEPT, accept);
    }
    let accept = HeaderValue::from_static("application/json");
    Problem::new(ErrorClass::UnsupportedMediaType, "HTTP_BODY_NOT_JSON")
        .detail("the body must be sent with `Content-Type: application/json`")
        .header(header::ACCEPT, accept)
}

fn refusal(rejection: BytesRejection) -> Problem {
    if rejection.status().as_u16() == ErrorClass::TooLarge.status() {
        return Problem::new(ErrorClass::TooLarge, "HTTP_BODY_TOO_LARGE")
            .detail("the body is larger than this route takes");
    }
    Problem::new(ErrorClass::BadRequest, "HTTP_BODY_INCOMPLETE")
        .detail("the body did not arrive whole")
}

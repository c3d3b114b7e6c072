//! OPTIONS, and the methods that a path has.

use axum::{extract::Request, response::Response};
use http::{HeaderValue, Method, StatusCode, header};

/// The answer to `OPTIONS *`, which asks about the server: every method that a route can have.
pub(super) fn of_server(request: &Request) -> Option<Response> {
    if request.method() != Method::OPTIONS || request.uri().path() != "*" {
        return None;
    }
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    let all = HeaderValue::from_static("GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS");
    response.headers_mut().insert(header::ALLOW, all);
    Some(response)
}

/// Completes `Allow`, and turns a 405 to OPTIONS into its answer: every path has OPTIONS, those of
/// raw routers included.
pub(super) fn complete(method: &Method, response: &mut Response) {
    let refused = response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let allowed = response.headers().get(header::ALLOW);
    if !refused && allowed.is_none() {
        return;
    }
    let allow = with_options(allowed.map_or(&b""[..], HeaderValue::as_bytes));
    if refused && method == Method::OPTIONS {
        *response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response.headers_mut().insert(header::ALLOW, allow);
}

fn with_options(allow: &[u8]) -> HeaderValue {
    let is_options = |name: &[u8]| name.trim_ascii() == b"OPTIONS";
    let mut whole = allow.to_vec();
    if !allow.split(|byte| *byte == b',').any(is_options) {
        let comma = if allow.is_empty() { "" } else { "," };
        whole.extend_from_slice(comma.as_bytes());
        whole.extend_from_slice(b"OPTIONS");
    }
    HeaderValue::from_bytes(&whole).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

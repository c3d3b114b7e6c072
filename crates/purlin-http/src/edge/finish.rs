//! What is done to every answer.

use std::time::Instant;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use purlin_base::{Context, ErrorClass};

use super::{caching, conditional::Asked, current::Current, ids, methods, observer::Answered};
use crate::{Problem, RouteInfo, cors, files::RangeRequest, reply};

/// What the end of a request needs to know of its beginning.
pub(super) struct Seen {
    pub(super) method: Method,
    pub(super) asked: Option<Asked>,
    pub(super) ranges: Option<RangeRequest>,
    /// Boxed, since most have none and it would be moved with each request.
    pub(super) cors: Option<Box<cors::Asked>>,
    pub(super) request_id: HeaderValue,
    #[cfg(feature = "compression")]
    pub(super) codings: crate::codings::Asked,
    pub(super) started: Instant,
}

impl Seen {
    fn reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// The answer of the route with the fields that are due, or what the caller's conditions put in
    /// its place. A failure still has to be told.
    pub(super) fn judge(&self, current: &Current, mut response: Response) -> Response {
        if !has_failed(&response) {
            let route = current.route();
            if let Some(route) = route {
                caching::vary(route, response.headers_mut());
            }
            if let Some(route) = route.filter(|_| self.reads()) {
                caching::complete(route, response.headers_mut());
            }
            self.represent(current, &mut response);
            response = self.decide(response);
        }
        if self.method == Method::OPTIONS || has_failed(&response) {
            methods::complete(&self.method, &mut response);
        }
        response
    }

    /// Completes `response`, which was judged and is no failure or tells of it, and logs it.
    pub(super) fn finish(self, current: &Current, mut response: Response) -> Response {
        let (settings, route) = (current.settings(), current.route());
        if has_failed(&response) {
            caching::forbid(response.headers_mut());
        }
        if self.method == Method::HEAD {
            response = without_body(response);
        }
        #[cfg(debug_assertions)]
        if let Some(route) = route {
            crate::openapi::drift::check(route, response.status());
        }
        self.log(response.status(), route);
        for observer in &*settings.observers {
            observer.answered(&Answered {
                method: &self.method,
                route,
                status: response.status(),
                took: self.started.elapsed(),
            });
        }
        if let Some(cors) = &self.cors {
            cors.complete(&mut response);
        }
        let headers = response.headers_mut();
        settings.security.complete(headers);
        headers.insert(ids::REQUEST_ID, self.request_id);
        response
    }

    /// The answer to a read, or 206, 304, 412 or 416 in its place.
    fn decide(&self, mut response: Response) -> Response {
        if let Some(asked) = &self.asked {
            response = asked.decide(response);
        }
        // The last of the conditions: what another has changed stays as it is.
        match &self.ranges {
            Some(ranges) => ranges.apply(response),
            None => response,
        }
    }

    /// Makes the tag of `response` that of the representation asked for, and notes the coding that
    /// its body is to be sent in. Who asks for ranges gets them of what is not coded.
    fn represent(&self, current: &Current, response: &mut Response) {
        if current.is_xml() {
            reply::tag_variant(response.headers_mut(), "xml");
        }
        #[cfg(feature = "compression")]
        if self.ranges.is_none()
            && let Some(coding) = self.codings.choose(&self.method, response)
        {
            response.extensions_mut().insert(coding);
        }
    }

    fn log(&self, status: StatusCode, route: Option<&RouteInfo>) {
        if !tracing::enabled!(target: "purlin_http::access", tracing::Level::INFO) {
            return;
        }
        Context::with_current(|context| {
            tracing::info!(
                target: "purlin_http::access",
                method = self.method.as_str(),
                route = route.map_or("", |route| &*route.template),
                status = status.as_u16(),
                duration_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
                request_id = context.request_id(),
                trace_id = context.trace().trace_id(),
                statements = context.statements(|log| log.total()),
                "request"
            );
        });
    }
}

/// Whether `response` may have to be made a problem.
pub(super) fn has_failed(response: &Response) -> bool {
    response.status().as_u16() >= 400
}

/// A HEAD is answered with the fields of a GET, its length included, and nothing more.
fn without_body(mut response: Response) -> Response {
    let length = axum::body::HttpBody::size_hint(response.body()).exact();
    if let Some(length) = length.filter(|length| *length > 0) {
        response
            .headers_mut()
            .entry(header::CONTENT_LENGTH)
            .or_insert(length.into());
    }
    *response.body_mut() = Body::empty();
    response
}

/// Turns an error answer that says nothing, or says it as plain text, into a problem.
pub(super) async fn as_problem(response: Response) -> Response {
    let plain = response.headers().get(header::CONTENT_TYPE);
    let bare = plain.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let Some((class, code)) = class_and_code(response.status()).filter(|_| bare) else {
        return response;
    };
    let (parts, body) = response.into_parts();
    let text = text(body).await;
    let mut problem = Problem::new(class, code);
    problem = match (class, text) {
        (ErrorClass::NotFound, None) => problem.detail("nothing is at this address"),
        (ErrorClass::MethodNotAllowed, None) => problem.detail("not by this method; see `Allow`"),
        (_, Some(text)) if class.is_ours() => problem.cause(text),
        (_, Some(text)) => problem.detail(text),
        (_, None) => problem,
    };
    let mut told = problem.into_response();
    keep(parts.headers, told.headers_mut());
    told
}

/// Takes over the fields that were not about the body, `Allow` and `Set-Cookie` among them.
fn keep(from: HeaderMap, into: &mut HeaderMap) {
    let mut last: Option<HeaderName> = None;
    for (name, value) in from {
        last = name.or(last);
        let about_body = [
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::CONTENT_ENCODING,
        ];
        match last.as_ref().filter(|name| !about_body.contains(name)) {
            Some(&header::VARY) => reply::vary_all(into, &value),
            Some(name) => _ = into.append(name, value),
            None => {}
        }
    }
}

/// The text of a body, if it is short.
async fn text(body: Body) -> Option<String> {
    const BYTES_MAX: usize = 1024;
    let length = axum::body::HttpBody::size_hint(&body).exact()?;
    if length == 0 || length > BYTES_MAX as u64 {
        return None;
    }
    let bytes = axum::body::to_bytes(body, BYTES_MAX).await.ok()?;
    String::from_utf8(bytes.into()).ok()
}

fn class_and_code(status: StatusCode) -> Option<(ErrorClass, &'static str)> {
    Some(match status.as_u16() {
        400 => (ErrorClass::BadRequest, "HTTP_BAD_REQUEST"),
        401 => (ErrorClass::Unauthenticated, "HTTP_UNAUTHENTICATED"),
        403 => (ErrorClass::Forbidden, "HTTP_FORBIDDEN"),
        404 => (ErrorClass::NotFound, "HTTP_NOT_FOUND"),
        405 => (ErrorClass::MethodNotAllowed, "HTTP_METHOD_NOT_ALLOWED"),
        406 => (ErrorClass::NotAcceptable, "HTTP_NOT_ACCEPTABLE"),
        408 => (ErrorClass::RequestTimeout, "HTTP_REQUEST_TIMEOUT"),
        409 => (ErrorClass::Conflict, "HTTP_CONFLICT"),
        412 => (ErrorClass::PreconditionFailed, "HTTP_PRECONDITION_FAILED"),
        413 => (ErrorClass::TooLarge, "HTTP_BODY_TOO_LARGE"),
        415 => (
            ErrorClass::UnsupportedMediaType,
            "HTTP_UNSUPPORTED_MEDIA_TYPE",
        ),
        416 => (
            ErrorClass::RangeNotSatisfiable,
            "HTTP_RANGE_NOT_SATISFIABLE",
        ),
        422 => (ErrorClass::Invalid, "HTTP_BODY_INVALID"),
        429 => (ErrorClass::RateLimited, "HTTP_RATE_LIMITED"),
        500 => (ErrorClass::Internal, "HTTP_INTERNAL"),
        501 => (ErrorClass::NotImplemented, "HTTP_NOT_IMPLEMENTED"),
        502 => (ErrorClass::BadGateway, "HTTP_BAD_GATEWAY"),
        503 => (ErrorClass::Unavailable, "HTTP_UNAVAILABLE"),
        504 => (ErrorClass::Timeout, "HTTP_TIMEOUT"),
        _ => return None,
    })
}

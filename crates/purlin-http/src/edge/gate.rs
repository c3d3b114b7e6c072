//! What is refused before it reaches a route.

use axum::extract::Request;
use http::{Method, Uri, header};
use purlin_base::{ErrorClass, FieldError};

use super::Settings;
use crate::{Problem, extract::shortened};

/// Refuses what is too large, what no route could mean, and what is never well meant.
/// `head_bytes` are those of all header fields.
pub(super) fn check(
    settings: &Settings,
    request: &Request,
    head_bytes: usize,
) -> Result<(), Problem> {
    let uri = request.uri();
    if uri.path_and_query().map_or(0, |whole| whole.as_str().len()) > settings.uri_bytes_max {
        let max = settings.uri_bytes_max;
        return Err(Problem::new(ErrorClass::UriTooLong, "HTTP_URI_TOO_LONG")
            .detail(format!("the address is longer than {max} bytes")));
    }
    if head_bytes > settings.headers_bytes_max {
        let max = settings.headers_bytes_max;
        return Err(
            Problem::new(ErrorClass::HeadersTooLarge, "HTTP_HEADERS_TOO_LARGE")
                .detail(format!("the header fields are larger than {max} bytes")),
        );
    }
    if !is_known(request.method()) {
        return Err(
            Problem::new(ErrorClass::NotImplemented, "HTTP_METHOD_UNKNOWN")
                .detail("this method is known nowhere here"),
        );
    }
    if has_nul(uri) {
        return Err(nul_in_address(uri));
    }
    if changes(request) {
        let lends_cookies = settings
            .cors
            .as_ref()
            .is_some_and(|cors| cors.lends_cookies());
        let headers = request.headers();
        settings.cross_origin.admit(uri, headers, lends_cookies)?;
    }
    Ok(())
}

/// Whether the request may do more than read: by its method, or as a connection that outlives it.
fn changes(request: &Request) -> bool {
    match *request.method() {
        Method::GET => request.headers().contains_key(header::UPGRADE),
        Method::HEAD | Method::OPTIONS => false,
        _ => true,
    }
}

fn is_known(method: &Method) -> bool {
    matches!(
        *method,
        Method::GET
            | Method::POST
            | Method::PUT
            | Method::PATCH
            | Method::DELETE
            | Method::HEAD
            | Method::OPTIONS
            | Method::TRACE
            | Method::CONNECT
    )
}

/// Whether the address holds NUL, which no name or value of ours does.
pub(crate) fn has_nul(uri: &Uri) -> bool {
    uri.path_and_query().is_some_and(|whole| {
        let whole = whole.as_str();
        // Most addresses hold no `%`, and one byte is found quicker than three.
        whole.bytes().any(|byte| byte == b'%') && whole.contains("%00")
    })
}

/// 400, with the parameter if it is in one.
pub(crate) fn nul_in_address(uri: &Uri) -> Problem {
    let problem = Problem::new(ErrorClass::BadRequest, "HTTP_URI_NUL")
        .detail("the address must not hold NUL");
    let mut parameters = form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
    match parameters.find(|(_, value)| value.contains('\0')) {
        Some((name, _)) => {
            let field = FieldError::parameter(shortened(&name), "nul", "it must not hold NUL");
            problem.field(field)
        }
        None => problem,
    }
}

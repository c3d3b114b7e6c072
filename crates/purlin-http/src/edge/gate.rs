//! What is refused before it reaches a route.

use axum::extract::Request;
use http::{Method, Uri};
use purlin_base::{ErrorClass, FieldError};

use super::{Settings, head::Head};
use crate::{Problem, extract::shortened};

/// What the gate needs of a request's header fields.
#[derive(Clone, Copy)]
pub(super) struct Facts {
    /// Bytes of all of them.
    bytes: usize,
    /// Whether a page of another site could have had it sent, to some effect.
    may_be_forged: bool,
}

impl Facts {
    /// Those of a request with `method` and `head`.
    pub(super) fn of(method: &Method, head: &Head) -> Self {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        // A connection that is upgraded outlives the read that it began as.
        let may_be_forged = head.is_ambient && (!reads || head.upgrades);
        Self {
            bytes: head.bytes,
            may_be_forged,
        }
    }
}

/// Refuses what is too large, what no route could mean, and what is never well meant.
pub(super) fn check(settings: &Settings, request: &Request, facts: Facts) -> Result<(), Problem> {
    let uri = request.uri();
    if uri.path_and_query().map_or(0, |whole| whole.as_str().len()) > settings.uri_bytes_max {
        let max = settings.uri_bytes_max;
        return Err(Problem::new(ErrorClass::UriTooLong, "HTTP_URI_TOO_LONG")
            .detail(format!("the address is longer than {max} bytes")));
    }
    if facts.bytes > settings.headers_bytes_max {
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
    if facts.may_be_forged {
        let lends_cookies = settings
            .cors
            .as_ref()
            .is_some_and(|cors| cors.lends_cookies());
        let headers = request.headers();
        settings.cross_origin.admit(uri, headers, lends_cookies)?;
    }
    Ok(())
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
        // Most addresses hold no `%`, and a slice finds one byte many at a time.
        whole.as_bytes().contains(&b'%') && whole.contains("%00")
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

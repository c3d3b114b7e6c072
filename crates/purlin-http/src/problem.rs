//! How a failure is told to the caller: RFC 9457 problem details.
//!
//! A caller to whom XML is more welcome than JSON gets the XML form of its appendix B. The members are `type title status detail instance request_id trace_id`, and `errors` where
//! fields are at fault. `type` is `urn:purlin:error:` and the stable code of the error, or the
//! code behind another base that [`Edge`](crate::Edge) is given. `title` is the status's own
//! phrase, so it is fixed for a type. A fault of ours says nothing of its cause: the cause is
//! logged, beside the request id that the caller sees.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use purlin_base::{Classified, ErrorClass, FieldError};

use crate::{Html, edge::current, reply::vary};

mod render;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The media type of a problem in XML.
pub const PROBLEM_XML: &str = "application/problem+xml";

/// What `type` is made of unless [`Edge`](crate::Edge) is told otherwise; the code follows.
pub const TYPE_BASE: &str = "urn:purlin:error:";

/// A failure as the caller is told it. Made from any [`Classified`] error by `?`.
///
/// Errors in a problem's fields are at most [`FIELDS_MAX`](Self::FIELDS_MAX).
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    class: ErrorClass,
    code: &'static str,
    detail: Option<String>,
    fields: Vec<FieldError>,
    retry_after: Option<Duration>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
    page: Option<Html>,
}

impl Problem {
    /// Faults of fields that one problem names; further ones are left out.
    pub const FIELDS_MAX: usize = 64;

    /// A failure of the class `class` with the stable code `code` and no more to say.
    pub fn new(class: ErrorClass, code: &'static str) -> Self {
        Self(Box::new(Inner {
            class,
            code,
            detail: None,
            fields: Vec::new(),
            retry_after: None,
            headers: Vec::new(),
            cause: None,
            page: None,
        }))
    }

    /// Says what happened, to the caller: no secrets, no paths, no SQL.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds a field that is at fault.
    pub fn field(mut self, field: FieldError) -> Self {
        if self.0.fields.len() < Self::FIELDS_MAX {
            self.0.fields.push(field);
        }
        self
    }

    /// Says when to try again.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds a header field to the answer, such as `WWW-Authenticate`.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Says why, to the log only.
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Shows `page` in place of the problem document; status and header fields stay. For callers
    /// who are people: see [`PrefersHtml`](crate::html::PrefersHtml).
    pub fn page(mut self, page: Html) -> Self {
        self.0.page = Some(page);
        self
    }

    /// How it is answered.
    pub fn class(&self) -> ErrorClass {
        self.0.class
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.class.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The fields that are at fault.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }
}

impl<E: Classified> From<E> for Problem {
    fn from(error: E) -> Self {
        let class = error.class();
        let mut fields = error.fields();
        fields.truncate(Self::FIELDS_MAX);
        Self(Box::new(Inner {
            class,
            code: error.code(),
            detail: error.public_detail().map(Into::into),
            fields,
            retry_after: error.retry_after(),
            headers: Vec::new(),
            cause: class.is_ours().then(|| with_causes(&error)),
            page: None,
        }))
    }
}

/// The error's text and that of every cause below it. Bounded, as a chain could be made endless.
fn with_causes(error: &dyn std::error::Error) -> String {
    const CAUSES_MAX: usize = 16;
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes
        .take(CAUSES_MAX)
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        self.log();
        let mut response = match self.0.page.take() {
            Some(page) => page.into_response(),
            None => self.document(),
        };
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        if current::is_inside() {
            vary(headers, &header::ACCEPT);
        }
        if let Some(wait) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        for (name, value) in self.0.headers {
            headers.append(name, value);
        }
        if self.0.class == ErrorClass::Unauthenticated {
            // A 401 must name a scheme.
            let bearer = HeaderValue::from_static("Bearer");
            headers.entry(header::WWW_AUTHENTICATE).or_insert(bearer);
        }
        response
    }
}

/// Whole seconds, rounded up: a caller who comes back early would be refused again.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl Problem {
    fn document(&self) -> Response {
        let (kind, body) = render::body(self);
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        (kind, body).into_response()
    }

    fn log(&self) {
        // A refusal that explains itself, such as that of a program that is stopping, is no news.
        if self.0.cause.is_none() && self.0.class != ErrorClass::Internal {
            return;
        }
        let id = purlin_base::Context::current();
        tracing::error!(
            target: "purlin_http::problem",
            code = self.0.code,
            status = self.0.class.status(),
            cause = self.0.cause.as_deref().unwrap_or(""),
            request_id = id.as_ref().map(|context| context.request_id()).unwrap_or(""),
            "the request failed"
        );
    }
}

//! The fields by which an answer tells browsers to be careful with it: helmet's set.
//!
//! A document (a page, a picture, a script, XML: whatever a browser may show or run) gets them all.
//! JSON, CSV, streams of events and empty answers get those that mean something there, and pay for
//! no others:
//!
//! | field | documents | JSON and the like |
//! | --- | --- | --- |
//! | `X-Content-Type-Options: nosniff` | yes | yes: it is what keeps JSON from being read as a page or a script |
//! | `Strict-Transport-Security` | over https | over https: it speaks of the host, not of the answer |
//! | `Content-Security-Policy` | yes | no: there is nothing that could load or run |
//! | `Cross-Origin-Opener-Policy`, `Origin-Agent-Cluster`, `Referrer-Policy`, `X-Frame-Options` | yes | no: they speak of windows and links |
//! | `Cross-Origin-Resource-Policy` | yes | no: as `nosniff` JSON it is neither script nor picture to another site |
//! | `X-DNS-Prefetch-Control`, `X-Download-Options`, `X-Permitted-Cross-Domain-Policies`, `X-XSS-Protection` | yes | no: they speak of pages |
//!
//! A field that a handler has set stays as it is. [`Html`](crate::Html) sets a stricter
//! `Content-Security-Policy` and a `Referrer-Policy` of its own.

use http::{HeaderMap, HeaderName, HeaderValue, header};

const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
const ORIGIN_AGENT_CLUSTER: HeaderName = HeaderName::from_static("origin-agent-cluster");
const X_DOWNLOAD_OPTIONS: HeaderName = HeaderName::from_static("x-download-options");
const X_PERMITTED_CROSS_DOMAIN_POLICIES: HeaderName =
    HeaderName::from_static("x-permitted-cross-domain-policies");

const POLICY: &str = "default-src 'self';base-uri 'self';font-src 'self' https: data:;\
     form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';\
     script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline'";
const POLICY_OF_HTTPS: &str = "default-src 'self';base-uri 'self';font-src 'self' https: data:;\
     form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';\
     script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline';\
     upgrade-insecure-requests";

/// Which of these fields are added to answers, and with which values. See the [module](self).
///
/// # Source
///
/// helmet 8, exactly; without `Strict-Transport-Security` and `upgrade-insecure-requests` unless
/// the application is served over [https](Self::https), where alone they mean something.
///
/// # Examples
///
/// ```
/// use http::{HeaderValue, header};
/// use purlin_http::{Edge, security_headers::SecurityHeaders};
///
/// let fields = SecurityHeaders::of_url("https://shop.example")
///     .document(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"))
///     .without(&header::X_XSS_PROTECTION);
/// let edge = Edge::new().security_headers(fields);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityHeaders {
    /// For answers that are no documents; made of those that are marked so.
    everywhere: Vec<(HeaderName, HeaderValue)>,
    documents: Vec<(HeaderName, HeaderValue)>,
}

impl Default for SecurityHeaders {
    fn default() -> Self {
        Self::new()
    }
}

impl SecurityHeaders {
    /// helmet's set, for an application over plain HTTP.
    pub fn new() -> Self {
        let says = HeaderValue::from_static;
        Self::none()
            .everywhere(header::X_CONTENT_TYPE_OPTIONS, says("nosniff"))
            .document(header::CONTENT_SECURITY_POLICY, says(POLICY))
            .document(CROSS_ORIGIN_OPENER_POLICY, says("same-origin"))
            .document(CROSS_ORIGIN_RESOURCE_POLICY, says("same-origin"))
            .document(ORIGIN_AGENT_CLUSTER, says("?1"))
            .document(header::REFERRER_POLICY, says("no-referrer"))
            .document(header::X_DNS_PREFETCH_CONTROL, says("off"))
            .document(X_DOWNLOAD_OPTIONS, says("noopen"))
            .document(header::X_FRAME_OPTIONS, says("SAMEORIGIN"))
            .document(X_PERMITTED_CROSS_DOMAIN_POLICIES, says("none"))
            .document(header::X_XSS_PROTECTION, says("0"))
    }

    /// helmet's set, for an application whose public address is `url`: with
    /// `Strict-Transport-Security` if it begins with `https://`.
    pub fn of_url(url: &str) -> Self {
        let scheme = url.get(..8).unwrap_or_default();
        match scheme.eq_ignore_ascii_case("https://") {
            true => Self::new().https(),
            false => Self::new(),
        }
    }

    /// No field at all.
    pub fn none() -> Self {
        Self {
            everywhere: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// Adds what is for https: `Strict-Transport-Security` of one year with all hosts below, and
    /// the demand that a document loads nothing over plain HTTP.
    ///
    /// A browser that has seen it never speaks plain HTTP to this host again, until a year is over.
    pub fn https(self) -> Self {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        let policy = HeaderValue::from_static(POLICY_OF_HTTPS);
        self.everywhere(header::STRICT_TRANSPORT_SECURITY, year)
            .document(header::CONTENT_SECURITY_POLICY, policy)
    }

    /// Sets the field `name` of every answer, JSON included.
    pub fn everywhere(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self = self.without(&name);
        self.everywhere.push((name.clone(), value.clone()));
        self.documents.push((name, value));
        self
    }

    /// Sets the field `name` of documents alone.
    pub fn document(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self = self.without(&name);
        self.documents.push((name, value));
        self
    }

    /// Leaves the field `name` out.
    pub fn without(mut self, name: &HeaderName) -> Self {
        self.everywhere.retain(|(known, _)| known != name);
        self.documents.retain(|(known, _)| known != name);
        self
    }

    /// Adds to `headers` what the answer lacks.
    pub(crate) fn complete(&self, headers: &mut HeaderMap) {
        let fields = match is_document(headers) {
            false => &self.everywhere,
            true => {
                // The map grows once, and not with every other field.
                headers.reserve(self.documents.len());
                &self.documents
            }
        };
        for (name, value) in fields {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
}

/// Whether a browser may show or run the answer: all but what is known to be data.
fn is_document(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let kind = kind.as_bytes();
    if kind == b"application/json" {
        return false;
    }
    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default();
    let kind = kind.trim_ascii().to_ascii_lowercase();
    let is_data = matches!(
        &*kind,
        b"application/json" | b"application/x-ndjson" | b"text/csv" | b"text/event-stream"
    );
    !is_data && !kind.ends_with(b"+json")
}

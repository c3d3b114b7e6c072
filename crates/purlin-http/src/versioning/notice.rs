//! The fields of an answer that tell of a deprecation.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use purlin_base::Timestamp;

use super::Deprecation;
use crate::reply::visible;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

/// The fields, made once.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    deprecation: HeaderValue,
    sunset: Option<HeaderValue>,
    links: Vec<HeaderValue>,
    successor: Option<Successor>,
}

/// Where the same resource is in a later version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Successor {
    /// What the address within the application begins with: `/api/v1`.
    pub(super) from: String,
    /// What the successor's begins with.
    pub(super) to: String,
    /// What its query begins with: `version=2`, if no path says it.
    pub(super) query: Option<String>,
}

impl Notice {
    pub(super) fn new(deprecation: &Deprecation, successor: Option<Successor>) -> Self {
        let links = [
            deprecation
                .info
                .map(|uri| link(uri, "rel=\"deprecation\"; type=\"text/html\"")),
            deprecation.successor.map(|uri| link(uri, SUCCESSOR)),
        ];
        let seconds = deprecation.since.unix_seconds();
        Self {
            deprecation: value(format!("@{seconds}")),
            sunset: deprecation.sunset.map(|sunset| value(http_date(sunset))),
            links: links.into_iter().flatten().collect(),
            successor: successor.filter(|_| deprecation.successor.is_none()),
        }
    }

    /// Adds the fields, unless a deprecation is told of already. `uri` is the address within the
    /// application.
    pub(crate) fn apply(&self, headers: &mut HeaderMap, uri: Option<&Uri>) {
        if headers.contains_key(DEPRECATION) {
            return;
        }
        headers.insert(DEPRECATION, self.deprecation.clone());
        if let Some(sunset) = &self.sunset {
            headers.insert(SUNSET, sunset.clone());
        }
        for told in &self.links {
            headers.append(header::LINK, told.clone());
        }
        let target = self.successor.as_ref().zip(uri);
        if let Some(target) = target.and_then(|(successor, uri)| successor.of(uri)) {
            headers.append(header::LINK, link(&target, SUCCESSOR));
        }
    }
}

const SUCCESSOR: &str = "rel=\"successor-version\"";

impl Successor {
    fn of(&self, uri: &Uri) -> Option<String> {
        let rest = uri.path().strip_prefix(&self.from)?;
        let parts = [self.query.as_deref(), uri.query()];
        let query = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        Some(format!("{}{rest}{mark}{query}", self.to))
    }
}

fn link(target: &str, relation: &str) -> HeaderValue {
    value(format!("<{}>; {relation}", visible(target)))
}

/// Everything that goes in is visible ASCII.
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// `Sun, 30 Jun 2024 23:59:59 GMT`. The years were checked at start.
fn http_date(time: Timestamp) -> String {
    let seconds = u64::try_from(time.unix_seconds()).unwrap_or(0);
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

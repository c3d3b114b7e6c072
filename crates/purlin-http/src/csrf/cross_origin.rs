//! Whether a page of another origin has sent a request, as the browser tells.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use super::{CsrfError, exemption::Exemption};
use crate::{edge::current, guard::bearer_token, origin::is_origin};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses unsafe requests that a page of another origin has sent.
///
/// [`Edge`](crate::Edge) asks it of every unsafe request, and of every upgrade (a WebSocket), that
/// carries what browsers add by themselves (a cookie, or `Authorization` other than a bearer
/// token). A bearer token excuses a cookie, unless CORS lends cookies to other origins. A guard asks [`check`](Self::check) itself where a route *gives* a cookie, such as at
/// sign-in: a page of somebody else must not sign the reader in as somebody else.
///
/// The rule: GET, HEAD and OPTIONS pass. `Sec-Fetch-Site` with `same-origin` or `none` (typed by
/// the reader) passes; with another value, `same-site` included, it does not. Without that field
/// `Origin` must name the host that was asked; without both no browser has sent it, and it passes.
/// Who is [trusted](Self::trust), and paths that are [exempt](Self::exempt), pass.
///
/// # Source
///
/// Go 1.25, `net/http.CrossOriginProtection`. That upgrades are asked too is ours.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, Method};
/// use purlin_http::csrf::CrossOrigin;
///
/// let rule = CrossOrigin::new().trust("https://app.example")?;
/// let mut headers = HeaderMap::new();
/// headers.insert("sec-fetch-site", "cross-site".parse()?);
/// headers.insert("origin", "https://evil.example".parse()?);
/// assert!(rule.check(&Method::POST, &headers).is_err());
/// assert!(rule.check(&Method::GET, &headers).is_ok());
/// headers.insert("origin", "https://app.example".parse()?);
/// assert!(rule.check(&Method::POST, &headers).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CrossOrigin {
    trusted: Vec<Box<str>>,
    exempt: Vec<Exemption>,
}

impl CrossOrigin {
    /// Trusts nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// That of the [`Edge`](crate::Edge) around the request being answered; outside of one it
    /// trusts nobody.
    pub fn current() -> Arc<Self> {
        current::cross_origin().unwrap_or_default()
    }

    /// Lets pages of `origin` send: `https://app.example`, exactly.
    ///
    /// Behind a proxy that changes `Host`, this is where the public origin is named.
    ///
    /// # Errors
    ///
    /// [`CsrfError::NotAnOrigin`], also for `null`, which any page can be.
    pub fn trust(mut self, origin: &str) -> Result<Self, CsrfError> {
        if !is_origin(origin) {
            return Err(CsrfError::NotAnOrigin(origin.to_owned().into()));
        }
        self.trusted.push(origin.into());
        Ok(self)
    }

    /// Lets pages of everybody send to `path`, a template as that of a route, in all its methods.
    /// `reason` is for those who read the code, and for [`exemptions`](Self::exemptions).
    ///
    /// Programs need no exemption, and so webhooks do not: they send no cookie. It is for what
    /// another site's *page* sends here, such as a form of a payment provider that comes back with
    /// `SameSite=None` cookies.
    ///
    /// # Errors
    ///
    /// [`CsrfError::Exemption`] if `path` is no template, or `reason` is empty.
    pub fn exempt(mut self, path: &'static str, reason: &'static str) -> Result<Self, CsrfError> {
        self.exempt.push(Exemption::new(path, reason)?);
        Ok(self)
    }

    /// What is exempt: path and reason.
    pub fn exemptions(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.exempt.iter().map(|one| (one.path, one.reason))
    }

    /// Refuses a request with `method` and `headers` that a page of another origin has sent,
    /// whether or not it carries a cookie. Exemptions are for [`Edge`](crate::Edge) alone.
    ///
    /// # Errors
    ///
    /// [`CsrfError::CrossOrigin`]: 403.
    pub fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), CsrfError> {
        self.refuse(is_safe(method) || self.is_ours(headers, None))
    }

    /// As [`check`](Self::check), for requests by HTTP/2 too, where the host stands in `uri`.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn check_at(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<(), CsrfError> {
        self.refuse(is_safe(method) || self.is_ours(headers, Some(uri)))
    }

    /// What the layer asks: of unsafe requests and of upgrades, if they carry what browsers add.
    ///
    /// `lends_cookies`: pages of some other origin may send cookies and fields of their own (CORS
    /// with credentials). To them any bearer token is at hand, so it excuses no cookie.
    pub(crate) fn admit(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        lends_cookies: bool,
    ) -> Result<(), CsrfError> {
        let passes = !is_ambient(headers, lends_cookies)
            || self.is_ours(headers, Some(uri))
            || self.exempt.iter().any(|one| one.covers(uri.path()));
        self.refuse(passes)
    }

    fn refuse(&self, passes: bool) -> Result<(), CsrfError> {
        passes.then_some(()).ok_or(CsrfError::CrossOrigin)
    }

    fn is_ours(&self, headers: &HeaderMap, uri: Option<&Uri>) -> bool {
        let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
        let is_same = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
        if headers.contains_key(SEC_FETCH_SITE) {
            return sites.all(is_same) || self.is_trusted(headers);
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else {
            return !headers.contains_key(header::ORIGIN);
        };
        is_of_host(origin, headers, uri) || self.is_trusted(headers)
    }

    fn is_trusted(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else {
            return false;
        };
        self.trusted
            .iter()
            .any(|trusted| trusted.as_bytes() == origin.as_bytes())
    }
}

/// Whether `origin` is that of the host that was asked. The scheme is not compared: behind a proxy
/// it is not known, and HSTS is what keeps a page of plain HTTP from being ours.
fn is_of_host(origin: &HeaderValue, headers: &HeaderMap, uri: Option<&Uri>) -> bool {
    let Some((_, origin)) = origin.to_str().ok().and_then(|it| it.split_once("://")) else {
        return false;
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, _) => uri.and_then(Uri::authority).map(|host| host.as_str()),
        _ => None,
    };
    host.is_some_and(|host| !host.is_empty() && host.eq_ignore_ascii_case(origin))
}

/// Whether a request carries what a browser adds by itself. A bearer token it does not: a page must
/// know the token to send it, and may send none at all unless CORS lets it.
fn is_ambient(headers: &HeaderMap, lends_cookies: bool) -> bool {
    let has_cookie = headers.contains_key(header::COOKIE);
    match bearer_token(headers) {
        Some(_) => lends_cookies && has_cookie,
        None => has_cookie || headers.contains_key(header::AUTHORIZATION),
    }
}

pub(super) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

//! What happens to every request before and after its handler, as one cheap layer.
//!
//! | | |
//! | --- | --- |
//! | request id | the caller's `X-Request-Id` if it is 1 to 128 of `A-Za-z0-9._-`, else a new one; sent back |
//! | trace | a `traceparent` is continued, or a trace begun |
//! | [`Context`](purlin_base::Context) | made, with the deadline; guards and statements write into it |
//! | unsafe methods | POST, PUT, PATCH and DELETE run in a task of their own: a caller who hangs up does not cut them |
//! | other sites | an unsafe request with a cookie that a page of another origin has sent is 403, see [`csrf`](crate::csrf) |
//! | panic | 500 for that request alone; the message is logged |
//! | time | 30 s to the head of the answer, then 504; 408 if the body was still being read |
//! | bounds | body 1 MiB (413), address 8 KiB (414), header fields 32 KiB (431) |
//! | method | 501 if it is not one of HTTP's; NUL in the address: 400 |
//! | errors | an error answer without a media type, or as plain text (axum's own), becomes a problem |
//! | conditions | a 200 to GET or HEAD becomes 304 or 412 as its `If-…` fields say, by the `ETag` and `Last-Modified` of the answer |
//! | caches | what is guarded is `private, no-cache` unless its route or handler says otherwise; a failure is `no-store` |
//! | OPTIONS | 204 with `Allow` for every path, routes of raw routers included; `OPTIONS *` for the server |
//! | `Range` | a 200 to GET with a [file](crate::FileReply) becomes 206 or 416, see [`files`](crate::files) |
//! | coding | with the feature `compression` and `Edge::compression`: gzip, Brotli, Zstandard |
//! | headers | `X-Content-Type-Options: nosniff`; for documents helmet's whole set, see [`security_headers`](crate::security_headers) |
//! | log | one line for each request, at INFO, target `purlin_http::access` |

use std::{fmt, sync::Arc, time::Duration};

use axum::Router;
use purlin_base::random::{OsRng, Rng, SeededRng, SharedRng};

use crate::{
    client_address::TrustedProxies, cors::Cors, csrf::CrossOrigin, html::HtmlPolicy,
    security_headers::SecurityHeaders,
};

mod attempt;
mod caching;
mod conditional;
pub(crate) mod current;
mod drain;
mod finish;
mod gate;
mod head;
mod ids;
mod methods;
mod observer;
mod service;
mod tasks;

pub(crate) use drain::{Draining, draining};
pub(crate) use gate::{has_nul, nul_in_address};
pub use observer::{Answered, RequestObserver};
pub use service::{EdgeFuture, EdgeService};
pub(crate) use tasks::Tasks;

/// The default layers, as one. See the [module](self) for what it does.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin_http::{Edge, Router};
///
/// let edge = Edge::new().timeout(Some(Duration::from_secs(10))).body_bytes_max(64 * 1024);
/// let router: Router = edge.router(Router::new());
/// ```
#[derive(Clone)]
pub struct Edge(Arc<Settings>);

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) timeout: Option<Duration>,
    pub(crate) body_bytes_max: usize,
    pub(crate) uri_bytes_max: usize,
    pub(crate) headers_bytes_max: usize,
    pub(crate) proxies: TrustedProxies,
    pub(crate) type_base: Option<Arc<str>>,
    pub(crate) html_policy: Arc<HtmlPolicy>,
    pub(crate) cross_origin: Arc<CrossOrigin>,
    pub(crate) cors: Option<Arc<Cors>>,
    pub(crate) security: Arc<SecurityHeaders>,
    #[cfg(feature = "compression")]
    pub(crate) compression: bool,
    pub(crate) rng: SharedRng,
    pub(crate) observers: Vec<Arc<dyn RequestObserver>>,
    pub(crate) tasks: Arc<Tasks>,
}

impl Default for Edge {
    fn default() -> Self {
        Self::new()
    }
}

impl Edge {
    /// Time to the head of an answer, unless told otherwise.
    pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
    /// Bytes of a body, unless told otherwise: 1 MiB.
    pub const BODY_BYTES_MAX_DEFAULT: usize = 1024 * 1024;
    /// Bytes of path and query, unless told otherwise: 8 KiB.
    pub const URI_BYTES_MAX_DEFAULT: usize = 8 * 1024;
    /// Bytes of all header fields, names and values, unless told otherwise: 32 KiB.
    pub const HEADERS_BYTES_MAX_DEFAULT: usize = 32 * 1024;

    /// The layer with every default.
    pub fn new() -> Self {
        // Identifiers of requests and spans are no secrets, and the system's own chance costs a
        // system call for each: it gives the seed only.
        let rng = Arc::new(SeededRng::new(OsRng.next_u64()));
        Self(Arc::new(Settings {
            timeout: Some(Self::TIMEOUT_DEFAULT),
            body_bytes_max: Self::BODY_BYTES_MAX_DEFAULT,
            uri_bytes_max: Self::URI_BYTES_MAX_DEFAULT,
            headers_bytes_max: Self::HEADERS_BYTES_MAX_DEFAULT,
            proxies: TrustedProxies::default(),
            type_base: None,
            html_policy: Arc::default(),
            cross_origin: Arc::default(),
            cors: None,
            security: Arc::default(),
            #[cfg(feature = "compression")]
            compression: false,
            rng,
            observers: Vec::new(),
            tasks: Arc::default(),
        }))
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// The proxies whose word on the address of a caller counts. Default: none.
    pub fn trusted_proxies(self, proxies: TrustedProxies) -> Self {
        self.set(|settings| settings.proxies = proxies)
    }

    /// Time to the head of an answer; `None` for no end. Default: 30 s.
    pub fn timeout(self, timeout: Option<Duration>) -> Self {
        self.set(|settings| settings.timeout = timeout)
    }

    /// The largest body in bytes, for routes that say nothing else. Default: 1 MiB.
    pub fn body_bytes_max(self, bytes: usize) -> Self {
        self.set(|settings| settings.body_bytes_max = bytes)
    }

    /// The longest path and query in bytes. Default: 8 KiB.
    pub fn uri_bytes_max(self, bytes: usize) -> Self {
        self.set(|settings| settings.uri_bytes_max = bytes)
    }

    /// The most bytes of all header fields. Default: 32 KiB.
    pub fn headers_bytes_max(self, bytes: usize) -> Self {
        self.set(|settings| settings.headers_bytes_max = bytes)
    }

    /// What stands before the code in a problem's `type`: `https://example.com/problems/`.
    /// Default: [`TYPE_BASE`](crate::problem::TYPE_BASE).
    pub fn problem_types(self, base: &str) -> Self {
        self.set(|settings| settings.type_base = Some(base.into()))
    }

    /// What browsers are told of every page that says nothing else. Default: strict; see
    /// [`HtmlPolicy`].
    pub fn html_policy(self, policy: HtmlPolicy) -> Self {
        self.set(|settings| settings.html_policy = Arc::new(policy))
    }

    /// Which other sites' pages may send unsafe requests with cookies. Default: none; see
    /// [`CrossOrigin`].
    ///
    /// ```
    /// use purlin_http::{Edge, csrf::CrossOrigin};
    ///
    /// let edge = Edge::new().cross_origin(CrossOrigin::new().trust("https://app.example")?);
    /// # Ok::<(), purlin_http::csrf::CsrfError>(())
    /// ```
    pub fn cross_origin(self, rule: CrossOrigin) -> Self {
        self.set(|settings| settings.cross_origin = Arc::new(rule))
    }

    /// Which other sites' pages may read answers. Default: none; see [`cors`](crate::cors).
    pub fn cors(self, cors: Cors) -> Self {
        self.set(|settings| settings.cors = Some(Arc::new(cors)))
    }

    /// The fields that tell browsers to be careful. Default: helmet's; see
    /// [`security_headers`](crate::security_headers).
    ///
    /// ```
    /// use purlin_http::{Edge, security_headers::SecurityHeaders};
    ///
    /// let fields = SecurityHeaders::of_url("https://shop.example");
    /// let edge = Edge::new().security_headers(fields);
    /// ```
    pub fn security_headers(self, fields: SecurityHeaders) -> Self {
        self.set(|settings| settings.security = Arc::new(fields))
    }

    /// Compresses answers with gzip, Brotli or Zstandard for callers who accept it. Default: off.
    ///
    /// Compressed are bodies of text (`text/…`, JSON, XML and what is made of them) of 1 KiB and
    /// more, with a status of success. Never: ranges, streams of events, errors, what is coded
    /// already, and what may hold a secret: an answer with `Set-Cookie`, with `Cache-Control:
    /// no-store` or `no-transform`, or to a request with
    /// cookies or a password unless it is `public`.
    ///
    /// ```
    /// let edge = purlin_http::Edge::new().compression(true);
    /// ```
    #[cfg(feature = "compression")]
    pub fn compression(self, compresses: bool) -> Self {
        self.set(|settings| settings.compression = compresses)
    }

    /// Where the identifiers of requests and spans come from.
    pub fn rng(self, rng: SharedRng) -> Self {
        self.set(|settings| settings.rng = rng)
    }

    /// Tells `observer` of every answer. Default: nobody is told; see [`RequestObserver`].
    pub fn observer(self, observer: Arc<dyn RequestObserver>) -> Self {
        self.set(|settings| settings.observers.push(observer))
    }

    /// Ends the answers that would never end by themselves, such as event streams: a stop has begun.
    pub(crate) fn drain(&self) {
        self.0.tasks.drain();
    }

    /// Ends once no handler runs that outlives its caller.
    pub async fn idle(&self) {
        self.0.tasks.idle().await;
    }

    /// The layer around `inner`, which answers everything that is not stopped before.
    pub fn around<S>(&self, inner: S) -> EdgeService<S> {
        EdgeService::new(Arc::clone(&self.0), inner)
    }

    /// A router with the layer around `router`: for other layers, and for tests. Serving
    /// [`around`](Self::around) itself is a little cheaper.
    pub fn router(&self, router: Router) -> Router {
        // Now, and not for each request: it makes services of handlers.
        let router = router.with_state(());
        Router::new()
            .fallback_service(self.around(router))
            .with_state(())
    }
}

impl<S> tower_layer::Layer<S> for Edge {
    type Service = EdgeService<S>;

    fn layer(&self, inner: S) -> EdgeService<S> {
        self.around(inner)
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("timeout", &self.0.timeout)
            .field("body_bytes_max", &self.0.body_bytes_max)
            .field("uri_bytes_max", &self.0.uri_bytes_max)
            .field("headers_bytes_max", &self.0.headers_bytes_max)
            .finish_non_exhaustive()
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a message")
}

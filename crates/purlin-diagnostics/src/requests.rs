//! How many requests each route answered, how, and how long that took.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_base::work::Label;
use serde::Serialize;

use crate::metrics::{Exposition, MetricKind};

/// The bounds of the buckets, in seconds.
///
/// # Source
///
/// OpenTelemetry's advice for `http.server.request.duration`.
pub const BOUNDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Answers by route. Bounded by the labels that there can be; a route takes 200 bytes once it has
/// answered.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin_base::work::Label;
/// use purlin_diagnostics::requests::Requests;
///
/// let requests = Requests::new();
/// let route = Label::route("GET", "/books/{id}");
/// requests.record(route, 200, Duration::from_millis(3));
/// requests.record(route, 404, Duration::from_millis(1));
/// let all = requests.routes();
/// assert_eq!((all[0].requests, all[0].client_errors), (2, 1));
/// ```
pub struct Requests {
    routes: Box<[OnceLock<Box<Counts>>]>,
}

#[derive(Default)]
struct Counts {
    classes: [AtomicU64; CLASSES.len()],
    /// By bound; the last is what is longer than all of them.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
}

/// The answers of one route.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RouteRequests {
    /// The route: `GET /books/{id}`.
    pub route: String,
    /// Requests answered.
    pub requests: u64,
    /// Of them with a status of 400 to 499.
    pub client_errors: u64,
    /// Of them with a status of 500 and more.
    pub server_errors: u64,
    /// The mean time to the head of the answer, in seconds.
    pub mean: f64,
}

impl Default for Requests {
    fn default() -> Self {
        Self::new()
    }
}

impl Requests {
    /// Nothing answered.
    pub fn new() -> Self {
        Self {
            routes: (0..Label::MAX).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Counts an answer of `route` with `status` that took `took`. Lock-free.
    pub fn record(&self, route: Label, status: u16, took: Duration) {
        let counts = self.routes[route.index()].get_or_init(Box::default);
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        counts.classes[class].fetch_add(1, Relaxed);
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.partition_point(|bound| *bound < seconds);
        counts.buckets[bucket].fetch_add(1, Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        counts.nanos.fetch_add(nanos, Relaxed);
    }

    /// Every route that has answered.
    pub fn routes(&self) -> Vec<RouteRequests> {
        let all = self.answered();
        all.map(|(label, counts)| counts.in_short(label)).collect()
    }

    fn answered(&self) -> impl Iterator<Item = (Label, &Counts)> {
        let labels = Label::all().into_iter();
        labels.filter_map(|label| Some((label, &**self.routes[label.index()].get()?)))
    }

    pub(crate) fn collect(&self, exposition: &mut Exposition) {
        let mut family = exposition.family(
            "purlin_http_requests_total",
            MetricKind::Counter,
            "Requests answered, by route and class of status.",
        );
        for (label, counts) in self.answered() {
            let name = label.name();
            let (method, route) = method_and_route(&name);
            for (class, count) in CLASSES.iter().zip(&counts.classes) {
                let labels = [("method", method), ("route", route), ("status", class)];
                family.sample(&labels, count.load(Relaxed));
            }
        }
        let mut family = exposition.family(
            "purlin_http_request_duration_seconds",
            MetricKind::Histogram,
            "Time from the head of the request to the head of the answer.",
        );
        for (label, counts) in self.answered() {
            let name = label.name();
            let (method, route) = method_and_route(&name);
            let labels = [("method", method), ("route", route)];
            let (at_most, count) = counts.cumulative();
            family.histogram(&labels, &at_most, count, counts.seconds());
        }
    }
}

impl Counts {
    fn cumulative(&self) -> ([(f64, u64); BOUNDS.len()], u64) {
        let mut so_far = 0;
        let at_most = std::array::from_fn(|index| {
            so_far += self.buckets[index].load(Relaxed);
            (BOUNDS[index], so_far)
        });
        (at_most, so_far + self.buckets[BOUNDS.len()].load(Relaxed))
    }

    fn seconds(&self) -> f64 {
        Duration::from_nanos(self.nanos.load(Relaxed)).as_secs_f64()
    }

    fn in_short(&self, label: Label) -> RouteRequests {
        let (_, requests) = self.cumulative();
        RouteRequests {
            route: label.name().to_string(),
            requests,
            client_errors: self.classes[3].load(Relaxed),
            server_errors: self.classes[4].load(Relaxed),
            mean: self.seconds() / requests.max(1) as f64,
        }
    }
}

/// `GET /books` in two; what is no route has no method.
fn method_and_route(name: &str) -> (&str, &str) {
    match name.split_once(' ') {
        Some((method, route)) if method.bytes().all(|it| it.is_ascii_uppercase()) => {
            (method, route)
        }
        _ => ("", name),
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.routes()).finish()
    }
}

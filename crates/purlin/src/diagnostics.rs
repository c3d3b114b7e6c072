//! Diagnostics, tied to an application: routes are counted and timed, what holds their threads up
//! is named, and operators read it all on the management listener.
//!
//! ```no_run
//! use purlin::{diagnostics::Diagnostics, prelude::*};
//!
//! #[module()]
//! pub struct AppModule;
//!
//! # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let diagnostics = Diagnostics::builder().start()?;
//! App::of::<AppModule>().diagnostics(diagnostics).run().await?;
//! # Ok(()) }
//! ```
//!
//! | on the management listener | |
//! | --- | --- |
//! | `GET /metrics` | everything, in the text format of Prometheus |
//! | `GET /diagnostics` | everything, as JSON: a [`Snapshot`] |
//! | `GET /diagnostics/heap.pb` | with the feature `heap-profile`: the heap for `pprof` |

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
    routing::{MethodRouter, get},
};

use purlin_base::work::Label;
use purlin_core::Container;
pub use purlin_diagnostics::*;
use purlin_http::{
    Edge, RouteInfo, Router,
    edge::{Answered, RequestObserver},
    limit::Limit,
};
use purlin_runtime::CpuPool;

use self::metrics::MetricKind::{Counter, Gauge};

/// Counts every answer under the label of its route.
struct Count(Diagnostics);

impl RequestObserver for Count {
    fn answered(&self, answer: &Answered<'_>) {
        let label = answer.route.map_or_else(no_route, RouteInfo::label);
        let status = answer.status.as_u16();
        self.0.requests().record(label, status, answer.took);
    }
}

/// What has no route is counted together, whatever was asked for.
fn no_route() -> Label {
    Label::route("", "(no route)")
}

/// `edge` with each answer counted.
pub(crate) fn counted(edge: Edge, diagnostics: &Diagnostics) -> Edge {
    edge.observer(Arc::new(Count(diagnostics.clone())))
}

/// What operators read.
pub(crate) fn router(diagnostics: &Diagnostics) -> Router {
    let router = Router::new()
        .route("/metrics", page(diagnostics, metrics_page))
        .route("/diagnostics", page(diagnostics, snapshot_page));
    #[cfg(feature = "heap-profile")]
    let router = router.route("/diagnostics/heap.pb", page(diagnostics, heap_page));
    router
}

/// A page that is made off the executor: it reads files of the system.
fn page<R: IntoResponse + Send + 'static>(
    diagnostics: &Diagnostics,
    make: fn(&Diagnostics) -> R,
) -> MethodRouter {
    let diagnostics = diagnostics.clone();
    get(async move || {
        let made = tokio::task::spawn_blocking(move || make(&diagnostics)).await;
        made.map_err(|_panicked| StatusCode::INTERNAL_SERVER_ERROR)
    })
}

fn metrics_page(diagnostics: &Diagnostics) -> impl IntoResponse + use<> {
    let kind = HeaderValue::from_static(Exposition::CONTENT_TYPE);
    ([(header::CONTENT_TYPE, kind)], diagnostics.metrics())
}

fn snapshot_page(diagnostics: &Diagnostics) -> impl IntoResponse + use<> {
    axum::Json(diagnostics.snapshot())
}

#[cfg(feature = "heap-profile")]
fn heap_page(_: &Diagnostics) -> impl IntoResponse + use<> {
    let kind = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, kind)], heap::pprof())
}

/// Adds what the parts of the application count: its CPU pool, its jobs, and the limits of its routes.
pub(crate) fn collect_parts(
    diagnostics: &Diagnostics,
    container: &Container,
    routes: &[Arc<RouteInfo>],
) {
    if let Some(pool) = container.find::<CpuPool>() {
        diagnostics.collector(move |exposition: &mut Exposition| cpu_pool(&pool, exposition));
    }
    #[cfg(feature = "queue")]
    if let Some(counters) = container.find::<crate::queue::metrics::JobCounters>() {
        diagnostics.collector(move |exposition: &mut Exposition| {
            crate::queue::exposition::write(&counters, exposition);
        });
    }
    let limits = limits(routes);
    if !limits.is_empty() {
        diagnostics.collector(move |exposition: &mut Exposition| of_limits(&limits, exposition));
    }
}

fn cpu_pool(pool: &CpuPool, exposition: &mut Exposition) {
    let gauges = [
        (
            "purlin_cpu_pool_threads",
            "Threads of the CPU pool.",
            pool.threads(),
        ),
        (
            "purlin_cpu_pool_running",
            "Jobs that run on the CPU pool.",
            pool.running(),
        ),
        (
            "purlin_cpu_pool_queued",
            "Jobs that wait for the CPU pool.",
            pool.queued(),
        ),
        (
            "purlin_cpu_pool_queue_max",
            "Jobs that may wait.",
            pool.queue_max(),
        ),
    ];
    for (name, help, value) in gauges {
        exposition.single(name, Gauge, help, value);
    }
    let help = "Jobs on the CPU pool that panicked.";
    exposition.single("purlin_cpu_pool_panics_total", Counter, help, pool.panics());
}

/// Each limit once, however many routes have it.
fn limits(routes: &[Arc<RouteInfo>]) -> Vec<Limit> {
    let mut limits: Vec<Limit> = Vec::new();
    for limit in routes.iter().flat_map(|route| &route.limits) {
        if limits.iter().all(|known| known.name() != limit.name()) {
            limits.push(limit.clone());
        }
    }
    limits
}

/// A counter of limits: its name, what it counts, and where that stands.
type Counted = (&'static str, &'static str, fn(&Limit) -> u64);

fn of_limits(limits: &[Limit], exposition: &mut Exposition) {
    let counters: [Counted; 4] = [
        (
            "purlin_limit_allowed_total",
            "Checks of a limit that let pass.",
            |it| it.snapshot().allowed,
        ),
        (
            "purlin_limit_refused_total",
            "Checks of a limit that refused.",
            |it| it.snapshot().refused,
        ),
        (
            "purlin_limit_store_failures_total",
            "Calls of the shared store that failed.",
            |it| it.snapshot().store_failures,
        ),
        (
            "purlin_limit_without_store_total",
            "Checks that were decided without it.",
            |it| it.snapshot().without_store,
        ),
    ];
    for (name, help, read) in counters {
        let mut family = exposition.family(name, Counter, help);
        for limit in limits {
            family.sample(&[("limit", limit.name())], read(limit));
        }
    }
}

//! All of it together: metrics and the snapshot.

use std::time::Duration;

use purlin_base::{
    Classified,
    live::{Live, LiveKind},
    work::Label,
};
use purlin_diagnostics::{Diagnostics, Exposition, metrics::MetricKind};

use crate::block_for;

const MS: Duration = Duration::from_millis(1);

/// What stands behind the line of `metrics` that begins so.
fn value(metrics: &str, sample: &str) -> f64 {
    let mut lines = metrics.lines();
    let found = lines.find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    let Some(found) = found else {
        panic!("{sample} is not in {metrics}");
    };
    found.parse().unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_route_and_class_and_timed_in_buckets() {
    let diagnostics = Diagnostics::builder().start().unwrap();
    let route = Label::route("GET", "/counted/{id}");
    for (status, took) in [(200, MS), (204, 5 * MS), (404, 30 * MS), (503, 11_000 * MS)] {
        diagnostics.requests().record(route, status, took);
    }
    let metrics = diagnostics.metrics();
    let labels = "method=\"GET\",route=\"/counted/{id}\"";
    let requests = |class| {
        value(
            &metrics,
            &format!("purlin_http_requests_total{{{labels},status=\"{class}\"}}"),
        )
    };
    assert_eq!(
        ["2xx", "3xx", "4xx", "5xx"].map(requests),
        [2.0, 0.0, 1.0, 1.0]
    );
    let name = "purlin_http_request_duration_seconds";
    let at_most = |le| value(&metrics, &format!("{name}_bucket{{{labels},le=\"{le}\"}}"));
    assert_eq!(
        ["0.005", "0.025", "0.05", "10", "+Inf"].map(at_most),
        [2.0, 2.0, 3.0, 3.0, 4.0]
    );
    assert_eq!(value(&metrics, &format!("{name}_count{{{labels}}}")), 4.0);
    assert!((value(&metrics, &format!("{name}_sum{{{labels}}}")) - 11.036).abs() < 1e-6);
}

#[tokio::test]
async fn culprits_and_live_things_are_in_the_metrics_and_in_the_snapshot() {
    let diagnostics = Diagnostics::builder().poll_limit(10 * MS).start().unwrap();
    let _listener = Live::begin(LiveKind::Listener);
    Label::message("order.placed")
        .scope(async { block_for(20 * MS) })
        .await;
    let metrics = diagnostics.metrics();
    let culprit = "{kind=\"message\",name=\"order.placed\"}";
    assert_eq!(
        value(&metrics, &format!("purlin_poll_long_total{culprit}")),
        1.0
    );
    assert!(
        value(
            &metrics,
            &format!("purlin_poll_long_seconds_total{culprit}")
        ) >= 0.02
    );
    let here = metrics.lines().find(|line| {
        line.starts_with("purlin_live{kind=\"listener\"") && line.contains("diagnostics.rs")
    });
    assert!(here.is_some_and(|line| line.ends_with(" 1")), "{metrics}");

    let snapshot = serde_json::to_value(diagnostics.snapshot()).unwrap();
    let culprits = snapshot["culprits"].as_array().unwrap();
    assert!(
        culprits.iter().any(|it| it["name"] == "order.placed"),
        "{snapshot}"
    );
    assert!(snapshot["memory"].is_null() || snapshot["memory"]["resident"].as_u64() > Some(0));
    assert!(snapshot["tasks"].as_u64() >= Some(2), "{snapshot}");
}

#[tokio::test]
async fn every_family_of_the_metrics_stands_once_and_has_a_type() {
    let diagnostics = Diagnostics::builder().start().unwrap();
    diagnostics
        .requests()
        .record(Label::route("GET", "/once"), 200, MS);
    diagnostics.collector(|exposition: &mut Exposition| {
        exposition.single("shop_carts", MetricKind::Gauge, "Carts.", 2_u64);
    });
    let metrics = diagnostics.metrics();
    let mut families = std::collections::BTreeMap::new();
    for line in metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
    {
        let (name, kind) = line.split_once(' ').unwrap();
        assert_eq!(families.insert(name, kind), None, "{name} stands twice");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
    }
    for line in metrics.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let base = ["_bucket", "_sum", "_count"];
        let base = base.iter().find_map(|suffix| name.strip_suffix(suffix));
        let known =
            families.contains_key(name) || base.is_some_and(|it| families[it] == "histogram");
        assert!(known, "{line}");
    }
    assert!(families.contains_key("shop_carts"));
}

#[tokio::test]
async fn an_option_out_of_its_bounds_is_refused() {
    let builders = [
        Diagnostics::builder().poll_limit(Duration::ZERO),
        Diagnostics::builder().delay_resolution(Duration::from_secs(61)),
        Diagnostics::builder().growth_every(MS),
    ];
    for builder in builders {
        assert_eq!(builder.start().unwrap_err().code(), "DIAGNOSTICS_OPTION");
    }
}

#[tokio::test]
async fn the_last_clone_ends_every_task_it_has_begun() {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let diagnostics = Diagnostics::builder().start().unwrap();
    let clone = diagnostics.clone();
    drop(diagnostics);
    assert_eq!(tasks(), 2);
    drop(clone);
    while tasks() > 0 {
        tokio::task::yield_now().await;
    }
}

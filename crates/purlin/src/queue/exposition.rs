//! Counts of jobs among an application's metrics, by OpenTelemetry's names for messaging.

use purlin_diagnostics::{
    Exposition,
    metrics::MetricKind::{Counter, Histogram},
};
use purlin_queue::metrics::{BOUNDS, JobCounters, ProcessedAs};

/// Writes what `counters` have counted.
pub(crate) fn write(counters: &JobCounters, exposition: &mut Exposition) {
    let counts = counters.counts();
    let help = "Jobs that were added.";
    let mut sent = exposition.family("messaging_client_sent_messages_total", Counter, help);
    for ((queue, name), count) in &counts {
        sent.sample(&labels(queue, name), count.sent);
    }
    let help = "Attempts of jobs, by how they ended.";
    let mut consumed = exposition.family("messaging_client_consumed_messages_total", Counter, help);
    for ((queue, name), count) in &counts {
        for outcome in ProcessedAs::ALL {
            let [a, b] = labels(queue, name);
            let labels = [a, b, ("outcome", outcome.as_str())];
            consumed.sample(&labels, count.of(outcome));
        }
    }
    let help = "How long attempts of jobs took.";
    let mut took = exposition.family("messaging_process_duration_seconds", Histogram, help);
    for ((queue, name), count) in &counts {
        let at_most: Vec<(f64, u64)> = BOUNDS.into_iter().zip(count.at_most).collect();
        let (attempts, seconds) = (count.attempts(), count.seconds);
        took.histogram(&labels(queue, name), &at_most, attempts, seconds);
    }
}

fn labels<'a>(queue: &'a str, name: &'a str) -> [(&'a str, &'a str); 2] {
    [("messaging_destination_name", queue), ("job", name)]
}

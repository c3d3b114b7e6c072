//! Metrics in the text format of Prometheus.
//!
//! A [`Collector`] is asked whenever the metrics are read, and writes what it has into an
//! [`Exposition`]. Nothing is kept between two reads, so nothing can grow.

use std::fmt::Write as _;

/// Says what it has counted, whenever the metrics are read.
pub trait Collector: Send + Sync + 'static {
    /// Writes its families into `exposition`. Called by whoever reads the metrics: be quick.
    fn collect(&self, exposition: &mut Exposition);
}

impl<F: Fn(&mut Exposition) + Send + Sync + 'static> Collector for F {
    fn collect(&self, exposition: &mut Exposition) {
        self(exposition);
    }
}

/// What the numbers of a family are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricKind {
    /// Only grows; its name ends with `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

impl MetricKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// Metrics that are being written: text of version 0.0.4 of Prometheus' format.
///
/// There are at most [`SAMPLES_MAX`](Self::SAMPLES_MAX) lines; what comes beyond is left out, and
/// how many were is the last line.
///
/// # Examples
///
/// ```
/// use purlin_diagnostics::metrics::{Exposition, MetricKind};
///
/// let mut exposition = Exposition::new();
/// exposition
///     .family("shop_orders_total", MetricKind::Counter, "Orders taken.")
///     .sample(&[("state", "paid")], 3);
/// let text = exposition.finish();
/// assert!(text.starts_with("# HELP shop_orders_total Orders taken.\n# TYPE shop_orders_total counter\n"));
/// assert!(text.contains("shop_orders_total{state=\"paid\"} 3\n"));
/// ```
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
    samples: usize,
    left_out: u64,
}

/// A family that is being written.
#[derive(Debug)]
pub struct Family<'a> {
    exposition: &'a mut Exposition,
    name: &'a str,
}

impl Exposition {
    /// Lines of numbers, in all.
    pub const SAMPLES_MAX: usize = 100_000;
    /// `Content-Type` of the text.
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// Nothing written.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a family. A name stands once in an exposition; it is made of `a-z`, digits and `_`,
    /// begins with where it comes from and ends with its unit (`_seconds`, `_bytes`, `_total`).
    pub fn family<'a>(&'a mut self, name: &'a str, kind: MetricKind, help: &str) -> Family<'a> {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        // Writing to a `String` does not fail.
        let _ = writeln!(self.text, "# HELP {name} {help}");
        let _ = writeln!(self.text, "# TYPE {name} {}", kind.as_str());
        Family {
            exposition: self,
            name,
        }
    }

    /// A family with one number and no labels.
    pub fn single(&mut self, name: &str, kind: MetricKind, help: &str, value: impl Into<Number>) {
        self.family(name, kind, help).sample(&[], value);
    }

    /// The text.
    pub fn finish(mut self) -> String {
        let left_out = self.left_out;
        self.samples = 0;
        self.single(
            "purlin_metrics_left_out",
            MetricKind::Gauge,
            "Lines that were left out of this answer, as there were too many.",
            left_out,
        );
        self.text
    }

    fn line(&mut self, name: &str, suffix: &str, labels: &[(&str, &str)], value: Number) {
        if self.samples == Self::SAMPLES_MAX {
            self.left_out += 1;
            return;
        }
        self.samples += 1;
        self.text.push_str(name);
        self.text.push_str(suffix);
        for (index, (label, of_label)) in labels.iter().enumerate() {
            self.text.push(if index == 0 { '{' } else { ',' });
            let _ = write!(self.text, "{label}=\"");
            escape(&mut self.text, of_label);
            self.text.push('"');
        }
        self.text
            .push_str(if labels.is_empty() { " " } else { "} " });
        value.write(&mut self.text);
        self.text.push('\n');
    }
}

impl Family<'_> {
    /// Writes one number under these labels. Labels must be bounded: never what a caller sent.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Into<Number>) -> &mut Self {
        self.exposition.line(self.name, "", labels, value.into());
        self
    }

    /// Writes a histogram under these labels: how many were at most as long as each bound, in
    /// seconds and rising; how many there were at all, and their sum.
    pub fn histogram(
        &mut self,
        labels: &[(&str, &str)],
        at_most: &[(f64, u64)],
        count: u64,
        sum_seconds: f64,
    ) -> &mut Self {
        let mut with_bound = labels.to_vec();
        with_bound.push(("le", "+Inf"));
        let last = with_bound.len() - 1;
        for (bound, of_bound) in at_most {
            let bound = bound.to_string();
            let mut with_bound = with_bound.clone();
            with_bound[last].1 = &bound;
            let value = (*of_bound).into();
            self.exposition
                .line(self.name, "_bucket", &with_bound, value);
        }
        let exposition = &mut *self.exposition;
        exposition.line(self.name, "_bucket", &with_bound, count.into());
        exposition.line(self.name, "_sum", labels, sum_seconds.into());
        exposition.line(self.name, "_count", labels, count.into());
        self
    }
}

/// A number of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole one.
    Whole(u64),
    /// Any.
    Real(f64),
}

impl Number {
    fn write(self, text: &mut String) {
        let _ = match self {
            Self::Whole(value) => write!(text, "{value}"),
            Self::Real(value) if value.is_infinite() && value > 0.0 => write!(text, "+Inf"),
            Self::Real(value) if value.is_infinite() => write!(text, "-Inf"),
            Self::Real(value) => write!(text, "{value}"),
        };
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::Whole(value as u64)
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self::Whole(value.into())
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::Real(value.into())
    }
}

impl From<bool> for Number {
    fn from(value: bool) -> Self {
        Self::Whole(value.into())
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

fn escape(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => text.push_str(r"\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str(r"\n"),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_label_cannot_end_it() {
        let mut exposition = Exposition::new();
        let evil = "a\"} 1\nevil 2\\";
        exposition
            .family("x", MetricKind::Gauge, "two\nlines")
            .sample(&[("l", evil), ("m", "")], 0.5);
        let text = exposition.finish();
        assert!(text.contains("# HELP x two\\nlines\n"), "{text}");
        assert!(
            text.contains("x{l=\"a\\\"} 1\\nevil 2\\\\\",m=\"\"} 0.5\n"),
            "{text}"
        );
        assert!(!text.lines().any(|line| line.starts_with("evil")));
    }

    #[test]
    fn a_histogram_is_cumulative_and_ends_with_all() {
        let mut exposition = Exposition::new();
        exposition
            .family("t_seconds", MetricKind::Histogram, "t")
            .histogram(&[("r", "a")], &[(0.005, 1), (1.0, 3)], 4, 2.5);
        let text = exposition.finish();
        let lines: Vec<&str> = text.lines().skip(2).take(5).collect();
        assert_eq!(
            lines,
            [
                "t_seconds_bucket{r=\"a\",le=\"0.005\"} 1",
                "t_seconds_bucket{r=\"a\",le=\"1\"} 3",
                "t_seconds_bucket{r=\"a\",le=\"+Inf\"} 4",
                "t_seconds_sum{r=\"a\"} 2.5",
                "t_seconds_count{r=\"a\"} 4",
            ]
        );
    }

    #[test]
    fn lines_beyond_the_bound_are_counted_and_left_out() {
        let mut exposition = Exposition::new();
        let mut family = exposition.family("x", MetricKind::Gauge, "x");
        for _ in 0..Exposition::SAMPLES_MAX + 7 {
            family.sample(&[], 1_u64);
        }
        let text = exposition.finish();
        assert!(text.ends_with("purlin_metrics_left_out 7\n"));
        assert_eq!(text.matches("\nx 1").count(), Exposition::SAMPLES_MAX);
    }
}

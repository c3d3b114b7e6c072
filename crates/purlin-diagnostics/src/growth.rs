//! What only grows, and who makes it grow.
//!
//! Numbers that go up and down hide a leak; their lowest points do not. Time is divided into
//! windows, and the lowest value of each is compared with that of the window before: what has
//! risen three times in a row, by enough, is told with the name of who made it.

use std::{collections::HashMap, collections::VecDeque, hash::Hash, panic::Location};

use purlin_base::{live, live::LiveKind, work::Label};
use serde::Serialize;

/// Values in a window.
pub const WINDOW: u32 = 6;
/// Windows that must have risen, one after the other.
pub const RISES: u32 = 3;
/// How many things of one place are few enough never to be told of.
pub const COUNT_MIN: u64 = 1_000;
/// How many bytes of one label are.
pub const BYTES_MIN: u64 = 8 << 20;
/// Warnings that are kept; the oldest go first.
pub const WARNINGS_MAX: usize = 64;

/// Something grows, and has not stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Growth {
    /// What grows: `listener`, `task` …, or `bytes`.
    pub what: &'static str,
    /// Who makes it: a place in the program (`src/mail.rs:12`), or a label (`route GET /books`).
    pub who: String,
    /// How much there was when it began to rise.
    pub from: u64,
    /// How much there is.
    pub to: u64,
}

/// The lowest points of one number over time.
///
/// ```
/// use purlin_diagnostics::growth::{RISES, Trend, WINDOW};
///
/// let mut trend = Trend::new(100);
/// let steady = (0..1_000).map(|step| 5_000 + step % 7);
/// assert!(steady.map(|value| trend.push(value)).all(|told| told.is_none()));
/// let leak = (0..u64::from(WINDOW * (RISES + 1))).map(|step| 5_000 + step * 20);
/// assert_eq!(leak.filter_map(|value| trend.push(value)).count(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Trend {
    growth_min: u64,
    seen: u32,
    lowest: u64,
    /// The lowest of the window before.
    before: Option<u64>,
    /// The lowest before it began to rise.
    base: u64,
    rises: u32,
}

impl Trend {
    /// A number that is told of once it has grown by `growth_min` at least.
    pub fn new(growth_min: u64) -> Self {
        Self {
            growth_min,
            seen: 0,
            lowest: u64::MAX,
            before: None,
            base: 0,
            rises: 0,
        }
    }

    /// Takes the next value; gives where it rose from if it has risen for long enough. Then it
    /// begins anew.
    pub fn push(&mut self, value: u64) -> Option<u64> {
        self.lowest = self.lowest.min(value);
        self.seen += 1;
        if self.seen < WINDOW {
            return None;
        }
        let lowest = std::mem::replace(&mut self.lowest, u64::MAX);
        self.seen = 0;
        match self.before.replace(lowest) {
            Some(before) if lowest > before => self.rises += 1,
            _ => (self.rises, self.base) = (0, lowest),
        }
        if self.rises < RISES || lowest - self.base < self.growth_min {
            return None;
        }
        self.rises = 0;
        Some(std::mem::replace(&mut self.base, lowest))
    }
}

/// A place with a kind, by address.
type Place = (LiveKind, Option<&'static Location<'static>>);

/// Watches the counts of [`purlin_base::live`], and with the feature `heap-profile` the bytes of
/// each label. Bounded as they are.
#[derive(Debug, Default)]
pub struct GrowthWatch {
    places: HashMap<Place, Trend>,
    labels: HashMap<Label, Trend>,
    warnings: VecDeque<Growth>,
}

impl GrowthWatch {
    /// Nothing seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at every number: call it at equal distances, such as every ten seconds. What grows is
    /// logged, and given.
    pub fn observe(&mut self) -> Vec<Growth> {
        let mut grown = Vec::new();
        for count in live::counts() {
            let place = (count.kind, count.place);
            if let Some(from) = push(&mut self.places, place, count.live, COUNT_MIN) {
                let who = match count.place {
                    Some(place) => format!("{}:{}", place.file(), place.line()),
                    None => "elsewhere".to_owned(),
                };
                grown.push(Growth {
                    what: count.kind.as_str(),
                    who,
                    from,
                    to: count.live,
                });
            }
        }
        for (label, bytes) in bytes_of_labels() {
            if let Some(from) = push(&mut self.labels, label, bytes, BYTES_MIN) {
                grown.push(Growth {
                    what: "bytes",
                    who: label.to_string(),
                    from,
                    to: bytes,
                });
            }
        }
        grown.iter().for_each(|growth| self.warn(growth));
        grown
    }

    /// What has been told of, oldest first.
    pub fn warnings(&self) -> Vec<Growth> {
        self.warnings.iter().cloned().collect()
    }

    fn warn(&mut self, growth: &Growth) {
        tracing::warn!(
            target: "purlin_diagnostics::growth",
            what = growth.what,
            who = growth.who,
            from = growth.from,
            to = growth.to,
            "something only grows: is it ever let go of?"
        );
        if self.warnings.len() == WARNINGS_MAX {
            self.warnings.pop_front();
        }
        self.warnings.push_back(growth.clone());
    }
}

fn push<K: Eq + Hash>(
    trends: &mut HashMap<K, Trend>,
    key: K,
    value: u64,
    growth_min: u64,
) -> Option<u64> {
    let trend = trends.entry(key).or_insert_with(|| Trend::new(growth_min));
    trend.push(value)
}

#[cfg(feature = "heap-profile")]
fn bytes_of_labels() -> Vec<(Label, u64)> {
    let profile = crate::heap::profile();
    let rows = profile.work.iter();
    rows.map(|row| (row.label, row.live_bytes)).collect()
}

#[cfg(not(feature = "heap-profile"))]
fn bytes_of_labels() -> Vec<(Label, u64)> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG_ENOUGH: u64 = (WINDOW * (RISES + 1)) as u64;

    #[test]
    fn a_sawtooth_is_no_leak_and_one_whose_foot_rises_is() {
        let mut trend = Trend::new(100);
        let tooth = |step: u64| (step % 5) * 1_000;
        assert!((0..600).all(|step| trend.push(tooth(step)).is_none()));
        let rising = (0..LONG_ENOUGH).filter_map(|step| trend.push(tooth(step) + 50 * step));
        assert_eq!(rising.count(), 1);
    }

    #[test]
    fn growth_that_is_small_or_stops_is_not_told() {
        let mut small = Trend::new(1_000);
        assert!((0..100).all(|step| small.push(step).is_none()));
        let mut warm_up = Trend::new(10);
        let filled = (0..100).map(|step: u64| (step * 1_000).min(9_000));
        assert_eq!(filled.filter_map(|value| warm_up.push(value)).count(), 0);
    }
}

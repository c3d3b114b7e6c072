//! Patterns of cron in a time zone.

use chrono::DateTime;
use chrono_tz::Tz;
use croner::{Cron, errors::CronError, parser::CronParser};
use purlin_base::Timestamp;

use super::refused;
use crate::QueueError;

/// The longest pattern that is read, in bytes.
const PATTERN_MAX: usize = 255;

/// A pattern and the time zone whose clocks it reads.
pub(super) struct Pattern {
    cron: Cron,
    zone: Tz,
}

impl Pattern {
    /// Reads a pattern of five fields, or six with seconds first; `tz` is UTC if none is given.
    pub(super) fn read(pattern: &str, tz: Option<&str>) -> Result<Self, QueueError> {
        let zone = tz.unwrap_or("UTC");
        let zone = zone
            .parse()
            .map_err(|_| refused("", &format!("there is no time zone {zone:?}")))?;
        if pattern.len() > PATTERN_MAX {
            return Err(refused("", "the pattern is over 255 bytes"));
        }
        let none = |error: CronError| refused("", &format!("the pattern {pattern:?}: {error}"));
        let cron = CronParser::builder()
            .year(croner::parser::Year::Disallowed)
            .build()
            .parse(pattern)
            .map_err(none)?;
        Ok(Self { cron, zone })
    }

    /// The first moment after `after`; `None`: there is none.
    pub(super) fn after(&self, after: Timestamp) -> Option<Timestamp> {
        let after = self.local(after)?;
        let next = self.cron.find_next_occurrence(&after, false).ok()?;
        Some(Timestamp::from_unix_micros(next.timestamp_micros()))
    }

    /// The last moment that is not after `until`; `None`: there is none.
    pub(super) fn until(&self, until: Timestamp) -> Option<Timestamp> {
        let until = self.local(until)?;
        let last = self.cron.find_previous_occurrence(&until, true).ok()?;
        Some(Timestamp::from_unix_micros(last.timestamp_micros()))
    }

    /// The whole second that `time` is in, by the zone's clocks.
    fn local(&self, time: Timestamp) -> Option<DateTime<Tz>> {
        let utc = DateTime::from_timestamp(time.unix_seconds(), 0)?;
        Some(utc.with_timezone(&self.zone))
    }
}

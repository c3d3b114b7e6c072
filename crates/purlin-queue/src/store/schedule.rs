//! Jobs that come again and again.

use std::time::Duration;

use purlin_base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::job::{JobOptions, Payload};

/// A job that comes again and again. Its tick at a moment exists once, whatever the number of
/// processes: the job's id is made of the schedule's and the moment's, and begins with `repeat`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// The queue.
    pub queue: String,
    /// The schedule's id, unique in the queue.
    pub id: String,
    /// When.
    pub repeat: Repeat,
    /// The first moment that counts.
    pub start: Option<Timestamp>,
    /// The last moment that counts.
    pub end: Option<Timestamp>,
    /// Ticks at most.
    pub limit: Option<u64>,
    /// What becomes of ticks that were missed.
    pub misfire: Misfire,
    /// What becomes of a tick while the last one's job has not ended.
    pub overlap: Overlap,
    /// The job's name.
    pub name: String,
    /// The version of its payload's form.
    pub version: u32,
    /// Its payload.
    pub data: Payload,
    /// Its options; `id` and `start` are the schedule's own.
    pub options: JobOptions,
}

/// When a schedule ticks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeat {
    /// At the moments a pattern of five fields, or six with seconds first, names in a time zone
    /// (IANA; UTC if none). A time of day that a change of the clocks skips comes right after it,
    /// one that it repeats comes once. Patterns that come every so often (a range, list or step in
    /// the hours, minutes or seconds) go on through both: by the time that really passes.
    Cron {
        /// The pattern.
        pattern: String,
        /// The time zone.
        tz: Option<String>,
    },
    /// At every multiple of a time since 1970, or since the schedule's start.
    Every(Duration),
}

/// What becomes of ticks that were missed while no process ran, or the queue was paused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misfire {
    /// They are skipped; one that is at most a minute late was not missed.
    Skip,
    /// One is made for all of them.
    #[default]
    One,
    /// Each is made, up to so many of the newest.
    All(u32),
}

/// What becomes of a tick while the job of an earlier one has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// It is made: both may run at once.
    #[default]
    Allow,
    /// It is skipped.
    Skip,
}

/// A schedule, and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleState {
    /// The schedule.
    pub schedule: Schedule,
    /// Its next tick; `None`: there is none to come.
    pub next: Option<Timestamp>,
    /// Ticks made so far.
    pub ticks: u64,
}

//! Rows of jobs: how options are stored, and how a row becomes a record.

use std::time::Duration;

use purlin_base::Timestamp;
use purlin_sql::{FromRow, Row, RowError, Tx};
use serde::{Deserialize, Serialize};

use crate::{
    Backoff, Dedup, JobOptions, JobRecord, Keep, Payload, QueueError, State,
    job::{Failure, FailureCause, Parent, Start},
    state::CRASHES_MAX,
    store::OnChildFailure,
};

/// The columns that [`JobRow`] reads, in its order.
macro_rules! job_columns {
    () => {
        "seq, queue, id, name, version, data, options, state, priority, position, at, tenant, limit_key, \
         created_at, processed_at, attempts_started, attempts_made, crashes, fence, cancel_requested, \
         has_parents, dedup_key, schedule, traceparent, progress, result, failure_cause, failure_reason"
    };
}
pub(super) use job_columns;

/// A row of `purlin_jobs`.
#[derive(Clone, Debug)]
pub(super) struct JobRow {
    pub(super) seq: i64,
    pub(super) queue: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) data: String,
    pub(super) options: String,
    pub(super) state: State,
    pub(super) priority: u32,
    pub(super) position: i64,
    pub(super) at: i64,
    pub(super) tenant: String,
    pub(super) limit_key: String,
    pub(super) created_at: i64,
    pub(super) processed_at: Option<i64>,
    pub(super) attempts_started: u32,
    pub(super) attempts_made: u32,
    pub(super) crashes: u32,
    pub(super) fence: u64,
    pub(super) cancel_requested: bool,
    pub(super) has_parents: bool,
    pub(super) dedup_key: Option<String>,
    pub(super) schedule: Option<String>,
    pub(super) traceparent: Option<String>,
    pub(super) progress: Option<String>,
    pub(super) result: Option<String>,
    pub(super) failure_cause: Option<String>,
    pub(super) failure_reason: Option<String>,
}

impl FromRow for JobRow {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        Ok(Self {
            seq: row.get_at(0)?,
            queue: row.get_at(1)?,
            id: row.get_at(2)?,
            name: row.get_at(3)?,
            version: row.get_at(4)?,
            data: row.get_at(5)?,
            options: row.get_at(6)?,
            state: state_of(row.get_at(7)?),
            priority: row.get_at(8)?,
            position: row.get_at(9)?,
            at: row.get_at(10)?,
            tenant: row.get_at(11)?,
            limit_key: row.get_at(12)?,
            created_at: row.get_at(13)?,
            processed_at: row.get_at(14)?,
            attempts_started: row.get_at(15)?,
            attempts_made: row.get_at(16)?,
            crashes: row.get_at(17)?,
            fence: row.get_at(18)?,
            cancel_requested: row.get_at::<i64>(19)? != 0,
            has_parents: row.get_at::<i64>(20)? != 0,
            dedup_key: row.get_at(21)?,
            schedule: row.get_at(22)?,
            traceparent: row.get_at(23)?,
            progress: row.get_at(24)?,
            result: row.get_at(25)?,
            failure_cause: row.get_at(26)?,
            failure_reason: row.get_at(27)?,
        })
    }
}

impl JobRow {
    /// What was said when it was added.
    pub(super) fn options(&self) -> JobOptions {
        let mut options = read_options(&self.options);
        options.priority = self.priority;
        options.tenant = Some(self.tenant.clone()).filter(|it| !it.is_empty());
        options.key = Some(self.limit_key.clone()).filter(|it| !it.is_empty());
        if read_own_id(&self.options) {
            options.id = Some(self.id.clone());
        }
        options
    }

    /// The record, but for the parents, which are rows of their own.
    pub(super) fn into_record(self) -> JobRecord {
        let time = Timestamp::from_unix_micros;
        JobRecord {
            options: self.options(),
            version: self.version,
            data: Payload::from_json(self.data),
            state: self.state,
            created_at: time(self.created_at),
            delayed_until: (self.state == State::Delayed).then(|| time(self.at)),
            processed_at: self.processed_at.map(time),
            finished_at: self.state.is_finished().then(|| time(self.at)),
            attempts_started: self.attempts_started,
            attempts_made: self.attempts_made,
            crashes: self.crashes,
            fence: self.fence,
            progress: self.progress.map(Payload::from_json),
            result: self.result.map(Payload::from_json),
            failure: failure(self.failure_cause.as_deref(), self.failure_reason),
            parents: Vec::new(),
            schedule: self.schedule,
            traceparent: self.traceparent,
            cancel_requested: self.cancel_requested,
            queue: self.queue,
            id: self.id,
            name: self.name,
        }
    }
}

/// The record of `row` with the jobs that wait for it.
pub(super) async fn record(tx: &mut Tx, row: JobRow) -> Result<JobRecord, QueueError> {
    let has_parents = row.has_parents;
    let mut record = row.into_record();
    if has_parents {
        record.parents = parents(tx, &record.queue, &record.id).await?;
    }
    Ok(record)
}

async fn parents(tx: &mut Tx, queue: &str, id: &str) -> Result<Vec<Parent>, QueueError> {
    let rows = tx
        .query(
            "select parent_queue, parent_id, on_failure from purlin_job_children
             where queue = $1 and id = $2 order by parent_queue, parent_id",
        )
        .bind(queue)
        .bind(id)
        .fetch_all::<(String, String, String)>()
        .await?;
    let parent = |(queue, id, on_failure): (String, String, String)| Parent {
        queue,
        id,
        on_failure: by_word(&on_failure).unwrap_or(OnChildFailure::Fail),
    };
    Ok(rows.into_iter().map(parent).collect())
}

/// The state of that number.
pub(super) fn state_of(number: i64) -> State {
    let at = usize::try_from(number).unwrap_or(usize::MAX);
    State::ALL.get(at).copied().unwrap_or(State::Failed)
}

/// The number of a state.
pub(super) const fn number_of(state: State) -> i64 {
    state as i64
}

/// The state of a job that is ready with `priority`.
pub(super) const fn ready(priority: u32) -> State {
    if priority == 0 {
        State::Waiting
    } else {
        State::Prioritized
    }
}

/// A unit variant as the word it is in JSON.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The unit variant that a word stands for.
pub(super) fn by_word<T: for<'de> Deserialize<'de>>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

fn failure(cause: Option<&str>, reason: Option<String>) -> Option<Failure> {
    let cause = by_word(cause?).unwrap_or(FailureCause::Error);
    let reason = reason.unwrap_or_default();
    Some(Failure { cause, reason })
}

/// At most 4 KiB of `text`, cut between characters.
pub(super) fn cut(text: &str) -> &str {
    const BYTES_MAX: usize = 4096;
    &text[..text.floor_char_boundary(BYTES_MAX)]
}

/// The options that have no column, those that are not the default.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    #[serde(skip_serializing_if = "is_now")]
    start: Start,
    #[serde(skip_serializing_if = "is_one")]
    attempts: u32,
    #[serde(skip_serializing_if = "is_false")]
    lifo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    backoff: Option<Backoff>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<Duration>,
    /// The caller chose the id.
    #[serde(skip_serializing_if = "is_false")]
    own_id: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    dedup: Option<Dedup>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_completed: Option<Keep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_failed: Option<Keep>,
    #[serde(skip_serializing_if = "is_crashes_max")]
    crashes_max: u32,
}

impl Default for Stored {
    fn default() -> Self {
        Self::of(&JobOptions::default())
    }
}

impl Stored {
    fn of(options: &JobOptions) -> Self {
        Self {
            start: options.start,
            attempts: options.attempts,
            lifo: options.lifo,
            backoff: options.backoff.clone(),
            timeout: options.timeout,
            own_id: options.id.is_some(),
            dedup: options.dedup.clone(),
            tags: options.tags.clone(),
            keep_completed: options.keep_completed,
            keep_failed: options.keep_failed,
            crashes_max: options.crashes_max,
        }
    }
}

fn is_now(start: &Start) -> bool {
    *start == Start::Now
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_one(number: &u32) -> bool {
    *number == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_crashes_max(number: &u32) -> bool {
    *number == CRASHES_MAX
}

/// What is in the column `options`: `{}` for the defaults.
pub(super) fn write_options(options: &JobOptions) -> String {
    serde_json::to_string(&Stored::of(options)).expect("options are JSON")
}

/// The options of the column `options`. What has a column of its own is left at its default.
pub(super) fn read_options(text: &str) -> JobOptions {
    if text == "{}" {
        return JobOptions::default();
    }
    let stored: Stored = serde_json::from_str(text).unwrap_or_default();
    JobOptions {
        start: stored.start,
        attempts: stored.attempts,
        lifo: stored.lifo,
        backoff: stored.backoff,
        timeout: stored.timeout,
        dedup: stored.dedup,
        tags: stored.tags,
        keep_completed: stored.keep_completed,
        keep_failed: stored.keep_failed,
        crashes_max: stored.crashes_max,
        ..JobOptions::default()
    }
}

fn read_own_id(text: &str) -> bool {
    text.contains("\"own_id\":true")
}

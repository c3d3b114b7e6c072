//! Reads a job's hash.

use std::time::Duration;

use purlin_base::Timestamp;
use serde_json::Value;

use super::{add::POLICIES, keys::Keys, options::JsOptions};
use crate::{
    Payload, State,
    job::{Failure, FailureCause, JobOptions, JobRecord, Parent},
    store::OnChildFailure,
};

/// A job as it is stored: what a record says of it, and its options as they were written.
pub(super) struct Stored {
    pub(super) record: JobRecord,
    pub(super) opts: Value,
}

/// Reads the fields of the hash of a job in `state`.
pub(super) fn read(
    queue: &str,
    id: String,
    state: State,
    fields: Vec<(String, String)>,
    keys: &Keys,
) -> Stored {
    let mut record = empty(queue, id, state);
    let mut opts = Value::Null;
    let (mut reason, mut cause, mut returned) = (None, None, 0);
    for (field, value) in fields {
        match field.as_str() {
            "name" => record.name = value,
            "data" => record.data = Payload::from_json(value),
            "opts" => opts = serde_json::from_str(&value).unwrap_or_default(),
            "timestamp" => record.created_at = moment(&value).unwrap_or_default(),
            "processedOn" => record.processed_at = moment(&value),
            "finishedOn" => record.finished_at = moment(&value),
            "priority" => record.options.priority = value.parse().unwrap_or(0),
            "ats" => record.attempts_started = value.parse().unwrap_or(0),
            "atm" => record.attempts_made = value.parse().unwrap_or(0),
            "stc" => record.crashes = value.parse().unwrap_or(0),
            "progress" => record.progress = Some(Payload::from_json(value)),
            "returnvalue" => record.result = Some(Payload::from_json(value)),
            "failedReason" => reason = Some(value),
            "parent" => record.parents = parent(&value).into_iter().collect(),
            "rjk" => record.schedule = Some(value),
            "purlin:cause" => cause = cause_named(&value),
            "purlin:cancel" => record.cancel_requested = true,
            "purlin:returned" => returned = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    record.fence = u64::from(record.attempts_started) + returned;
    let failed = reason.filter(|_| state != State::Completed);
    record.failure = failed.map(|reason| failure(reason, cause, keys));
    say_options(&mut record, &opts);
    Stored { record, opts }
}

fn empty(queue: &str, id: String, state: State) -> JobRecord {
    JobRecord {
        queue: queue.to_owned(),
        id,
        name: String::new(),
        version: 1,
        data: Payload::null(),
        options: JobOptions::default(),
        state,
        created_at: Timestamp::default(),
        delayed_until: None,
        processed_at: None,
        finished_at: None,
        attempts_started: 0,
        attempts_made: 0,
        crashes: 0,
        fence: 0,
        progress: None,
        result: None,
        failure: None,
        parents: Vec::new(),
        schedule: None,
        traceparent: None,
        cancel_requested: false,
    }
}

/// What the options say, but for the priority as it is now. Options that cannot be read say nothing.
fn say_options(record: &mut JobRecord, opts: &Value) {
    let priority = record.options.priority;
    if let Ok(read) = JsOptions::read(opts) {
        record.options = JobOptions {
            priority,
            ..read.options
        };
    }
    record.version = opts["purlin"]["version"]
        .as_u64()
        .and_then(|version| u32::try_from(version).ok())
        .unwrap_or(1);
    record.traceparent = opts["tm"].as_str().and_then(traceparent);
}

/// What BullMQ's telemetry stores is a JSON text of the carrier.
fn traceparent(metadata: &str) -> Option<String> {
    let carrier: Value = serde_json::from_str(metadata).ok()?;
    carrier["traceparent"].as_str().map(str::to_owned)
}

/// The moment a text of milliseconds names.
pub(super) fn moment(millis: &str) -> Option<Timestamp> {
    millis.parse().ok().map(from_millis)
}

pub(super) fn from_millis(millis: i64) -> Timestamp {
    Timestamp::from_unix_micros(millis.saturating_mul(1_000))
}

/// The moment that the score of a delayed job stands for.
pub(super) fn due(score: f64) -> Timestamp {
    Timestamp::UNIX_EPOCH.saturating_add(Duration::from_millis((score / 4096.0).max(0.0) as u64))
}

fn parent(text: &str) -> Option<Parent> {
    let parent: Value = serde_json::from_str(text).ok()?;
    Some(Parent {
        queue: Keys::queue_of(parent["queueKey"].as_str()?).to_owned(),
        id: parent["id"].as_str()?.to_owned(),
        on_failure: on_failure(&parent),
    })
}

/// What a child's failure does, by what its hash says of its parent.
pub(super) fn on_failure(parent: &Value) -> OnChildFailure {
    POLICIES
        .iter()
        .find(|(_, short, _)| parent[*short] == true)
        .map_or(OnChildFailure::Wait, |(policy, ..)| *policy)
}

/// Why it failed, in our words: BullMQ names a child by its key, and knows no causes.
pub(super) fn failure(reason: String, cause: Option<FailureCause>, keys: &Keys) -> Failure {
    let of_child = format!("child {}:", keys.prefix());
    match reason.strip_prefix(&of_child) {
        Some(rest) if rest.ends_with(" failed") => Failure {
            cause: FailureCause::Child,
            reason: format!("child {rest}"),
        },
        _ => Failure {
            cause: cause.unwrap_or(FailureCause::Error),
            reason,
        },
    }
}

pub(super) fn cause_named(name: &str) -> Option<FailureCause> {
    serde_json::from_value(name.into()).ok()
}

pub(super) fn cause_name(cause: FailureCause) -> String {
    let value = serde_json::to_value(cause).unwrap_or_default();
    value.as_str().unwrap_or("error").to_owned()
}

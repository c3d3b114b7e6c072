//! A job's options as BullMQ writes them.

use std::time::Duration;

use purlin_base::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    add::{POLICIES, policy},
    keys::Keys,
};
use crate::{
    QueueError,
    job::{Backoff, BackoffKind, Dedup, JobOptions, Keep, Parent, Start},
    state::CRASHES_MAX,
    store::{NewJob, OnChildFailure},
};

/// What BullMQ's options of a job (`add(name, data, opts)`) say, in our words.
///
/// Times are milliseconds, `age` seconds. Of several policies for a child's failure BullMQ heeds the
/// first of fail, continue, ignore, remove.
///
/// # Examples
///
/// ```
/// use purlin_queue::{redis::JsOptions, store::OnChildFailure};
///
/// let read = JsOptions::read(&serde_json::json!({"attempts": 3, "removeOnComplete": true}))?;
/// assert_eq!(read.options.attempts, 3);
/// assert_eq!(read.on_child_failure, OnChildFailure::Wait);
/// # Ok::<(), purlin_queue::QueueError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct JsOptions {
    /// What our own options say too. `jobId` is [`JobOptions::id`].
    pub options: JobOptions,
    /// What the failure of this job does to its parent: without a word, the parent waits.
    pub on_child_failure: OnChildFailure,
    /// `parent`: the key of its queue (`bull:mails`) or its name, and its id.
    pub parent: Option<(String, String)>,
    /// `sizeLimit`: bytes of the payload at most.
    pub size_limit: Option<usize>,
    /// `keepLogs`: lines of its log at most.
    pub keep_logs: Option<u32>,
}

impl JsOptions {
    /// Reads the options as JavaScript has them, or as they are stored (`de`, `fpof` …).
    ///
    /// # Errors
    ///
    /// [`QueueError::Option`] for a value of another type, or one that is negative where that means
    /// nothing. What the values may be is checked by [`JobOptions::check`].
    pub fn read(opts: &Value) -> Result<Self, QueueError> {
        let find = |names: [&str; 2]| names.into_iter().map(|name| &opts[name]).find(is_there);
        let own = &opts["purlin"];
        let mut options = JobOptions {
            start: start(opts, own)?,
            priority: narrow(number(&opts["priority"], "priority")?.unwrap_or(0)),
            lifo: opts["lifo"] == true,
            attempts: narrow(number(&opts["attempts"], "attempts")?.unwrap_or(1).max(1)),
            backoff: backoff(&opts["backoff"], own)?,
            timeout: millis(&own["timeout"], "timeout")?,
            id: text(&opts["jobId"]),
            keep_completed: keep(&opts["removeOnComplete"], "removeOnComplete")?,
            keep_failed: keep(&opts["removeOnFail"], "removeOnFail")?,
            crashes_max: narrow(
                number(&own["crashesMax"], "crashesMax")?.unwrap_or(CRASHES_MAX.into()),
            ),
            ..JobOptions::default()
        };
        options.dedup = find(["deduplication", "de"]).map(dedup).transpose()?;
        let limit = number(&opts["sizeLimit"], "sizeLimit")?;
        let logs = find(["keepLogs", "kl"]).map_or(Ok(None), |logs| number(logs, "keepLogs"))?;
        let chosen = POLICIES
            .iter()
            .find(|(_, short, long)| opts[*short] == true || opts[*long] == true);
        Ok(Self {
            options,
            on_child_failure: chosen.map_or(OnChildFailure::Wait, |(policy, ..)| *policy),
            parent: text(&opts["parent"]["queue"]).zip(text(&opts["parent"]["id"])),
            size_limit: limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX)),
            keep_logs: logs.map(narrow),
        })
    }
}

fn is_there(value: &&Value) -> bool {
    !value.is_null()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn number(value: &Value, option: &'static str) -> Result<Option<u64>, QueueError> {
    if value.is_null() {
        return Ok(None);
    }
    match value.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked, and it saturates"
        )]
        Some(number) if number >= 0.0 => Ok(Some(number as u64)),
        _ => Err(QueueError::Option {
            option,
            rule: "a number that is not negative",
        }),
    }
}

fn millis(value: &Value, option: &'static str) -> Result<Option<Duration>, QueueError> {
    Ok(number(value, option)?.map(Duration::from_millis))
}

fn start(opts: &Value, own: &Value) -> Result<Start, QueueError> {
    if let Some(moment) = own["at"].as_i64() {
        return Ok(Start::At(Timestamp::from_unix_micros(moment)));
    }
    let delay = millis(&opts["delay"], "delay")?.unwrap_or_default();
    Ok(match delay.is_zero() {
        true => Start::Now,
        false => Start::After(delay),
    })
}

fn backoff(value: &Value, own: &Value) -> Result<Option<Backoff>, QueueError> {
    if value.is_null() {
        return Ok(None);
    }
    let fixed = millis(value, "backoff");
    if let Ok(Some(delay)) = fixed {
        return Ok((!delay.is_zero()).then(|| Backoff::fixed(delay)));
    }
    let delay = millis(&value["delay"], "backoff.delay")?.unwrap_or_default();
    let name = value["type"].as_str().ok_or(QueueError::Option {
        option: "backoff.type",
        rule: "a name",
    })?;
    let mut backoff = match (name, own["power"].as_u64()) {
        ("fixed", _) => Backoff::fixed(delay),
        ("exponential", _) => Backoff::exponential(delay),
        ("polynomial", Some(power)) => Backoff::polynomial(delay, narrow(power)),
        (name, _) => Backoff::custom(name, delay),
    };
    if let Some(ceiling) = millis(&own["ceiling"], "ceiling")? {
        backoff = backoff.ceiling(ceiling);
    }
    Ok(Some(
        backoff.jitter(value["jitter"].as_f64().unwrap_or(0.0)),
    ))
}

fn keep(value: &Value, option: &'static str) -> Result<Option<Keep>, QueueError> {
    Ok(match value {
        Value::Null => None,
        Value::Bool(true) => Some(Keep::NOTHING),
        Value::Bool(false) => Some(Keep::default()),
        Value::Object(_) => Some(Keep {
            count: number(&value["count"], option)?,
            age: number(&value["age"], option)?.map(Duration::from_secs),
        }),
        // BullMQ: -1 keeps all.
        count if count.as_i64() == Some(-1) => Some(Keep::default()),
        count => Some(Keep {
            count: number(count, option)?,
            age: None,
        }),
    })
}

fn dedup(value: &Value) -> Result<Dedup, QueueError> {
    let key = text(&value["id"]).ok_or(QueueError::Option {
        option: "deduplication.id",
        rule: "a text",
    })?;
    Ok(Dedup {
        ttl: millis(&value["ttl"], "deduplication.ttl")?.filter(|ttl| !ttl.is_zero()),
        extend: value["extend"] == true,
        replace: value["replace"] == true,
        keep_last_if_active: value["keepLastIfActive"] == true,
        ..Dedup::simple(key)
    })
}

/// The options of `job` as they are stored, as JSON without spaces.
pub(super) fn written(job: &NewJob, keys: &Keys) -> String {
    let mut opts = template(&job.options, job.version);
    if let Some(id) = &job.options.id {
        opts.insert("jobId".into(), id.as_str().into());
    }
    match job.options.start {
        Start::After(wait) if !wait.is_zero() => {
            opts.insert("delay".into(), in_millis(wait));
        }
        Start::At(moment) => {
            let own = opts.entry("purlin").or_insert_with(|| json!({}));
            own["at"] = moment.unix_micros().into();
        }
        _ => {}
    }
    if let Some(parent) = job.parents.first() {
        write_parent(&mut opts, parent, keys);
    }
    if let Some(traceparent) = &job.traceparent {
        // What BullMQ's own telemetry writes there.
        opts.insert(
            "tm".into(),
            json!({ "traceparent": traceparent }).to_string().into(),
        );
    }
    Value::Object(opts).to_string()
}

fn write_parent(opts: &mut Map<String, Value>, parent: &Parent, keys: &Keys) {
    let key = keys.queue(&parent.queue);
    opts.insert("parent".into(), json!({ "id": parent.id, "queue": key }));
    if let Some((short, _)) = policy(parent.on_failure) {
        opts.insert(short.into(), true.into());
    }
}

/// What holds for every job of a kind: all but when, which id and whose child.
pub(super) fn template(options: &JobOptions, version: u32) -> Map<String, Value> {
    let mut opts = Map::new();
    opts.insert("attempts".into(), options.attempts.into());
    if options.priority > 0 {
        opts.insert("priority".into(), options.priority.into());
    }
    if options.lifo {
        opts.insert("lifo".into(), true.into());
    }
    if let Some(backoff) = &options.backoff {
        opts.insert("backoff".into(), written_backoff(backoff));
    }
    for (word, keep) in [
        ("removeOnComplete", options.keep_completed),
        ("removeOnFail", options.keep_failed),
    ] {
        if let Some(keep) = keep {
            opts.insert(word.into(), written_keep(keep));
        }
    }
    if let Some(dedup) = &options.dedup {
        opts.insert("de".into(), written_dedup(dedup));
    }
    let own = own(options, version);
    if !own.is_empty() {
        opts.insert("purlin".into(), own.into());
    }
    opts
}

/// What BullMQ has no word for.
fn own(options: &JobOptions, version: u32) -> Map<String, Value> {
    let mut own = Map::new();
    if version != 1 {
        own.insert("version".into(), version.into());
    }
    if let Some(timeout) = options.timeout {
        own.insert("timeout".into(), in_millis(timeout));
    }
    if options.crashes_max != CRASHES_MAX {
        own.insert("crashesMax".into(), options.crashes_max.into());
    }
    if let Some(backoff) = &options.backoff {
        if backoff.ceiling != Backoff::fixed(Duration::ZERO).ceiling {
            own.insert("ceiling".into(), in_millis(backoff.ceiling));
        }
        if let BackoffKind::Polynomial(power) = backoff.kind {
            own.insert("power".into(), power.into());
        }
    }
    own
}

fn written_backoff(backoff: &Backoff) -> Value {
    let name = match &backoff.kind {
        BackoffKind::Fixed => "fixed",
        BackoffKind::Exponential => "exponential",
        BackoffKind::Polynomial(_) => "polynomial",
        BackoffKind::Custom(name) => name,
    };
    let mut value = json!({ "type": name, "delay": in_millis(backoff.delay) });
    if backoff.jitter > 0.0 {
        value["jitter"] = backoff.jitter.into();
    }
    value
}

fn written_keep(keep: Keep) -> Value {
    match (keep.count, keep.age) {
        (Some(0), _) => true.into(),
        (None, None) => false.into(),
        (Some(count), None) => count.into(),
        (None, Some(age)) => json!({ "age": age.as_secs() }),
        (Some(count), Some(age)) => json!({ "age": age.as_secs(), "count": count }),
    }
}

fn written_dedup(dedup: &Dedup) -> Value {
    let mut value = json!({ "id": dedup.key });
    if let Some(ttl) = dedup.ttl {
        value["ttl"] = in_millis(ttl);
    }
    for (word, is_set) in [
        ("extend", dedup.extend),
        ("replace", dedup.replace),
        ("keepLastIfActive", dedup.keep_last_if_active),
    ] {
        if is_set {
            value[word] = true.into();
        }
    }
    value
}

pub(super) fn in_millis(time: Duration) -> Value {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let options = JobOptions {
            priority: 7,
            lifo: true,
            attempts: 4,
            backoff: Some(
                Backoff::polynomial(Duration::from_millis(40), 2)
                    .jitter(0.5)
                    .ceiling(Duration::from_secs(9)),
            ),
            timeout: Some(Duration::from_secs(3)),
            dedup: Some(Dedup::debounce("k", Duration::from_secs(1))),
            keep_completed: Some(Keep {
                count: Some(3),
                age: Some(Duration::from_secs(60)),
            }),
            keep_failed: Some(Keep::NOTHING),
            crashes_max: 5,
            ..JobOptions::default()
        };
        let read = JsOptions::read(&Value::Object(template(&options, 2)));
        assert_eq!(read.ok().map(|read| read.options), Some(options));
    }

    #[test]
    fn a_negative_delay_is_refused() {
        let read = JsOptions::read(&json!({ "delay": -1 }));
        assert!(matches!(
            read,
            Err(QueueError::Option {
                option: "delay",
                ..
            })
        ));
    }
}

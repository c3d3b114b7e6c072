//! Schedules: each always has the job of its next tick, delayed until then.
//!
//! The next one is made as soon as a job of a schedule was taken, before it runs: by whoever took
//! it, ours or Node's. Should that process die in between, upkeep makes it.

use std::{collections::HashMap, time::Duration};

use purlin_base::Timestamp;
use redis::ScriptInvocation;
use serde_json::{Map, Value, json};

use super::{
    add::{fits, refused},
    options::{JsOptions, in_millis, template},
    record::{Stored, from_millis, moment},
    scripts,
    store::Inner,
};
use crate::{
    Payload, QueueError,
    schedule::{first, next_after, replaced},
    store::{Capability, Misfire, Overlap, Repeat, Schedule, ScheduleState},
};

impl Inner {
    pub(super) async fn upsert_schedule(
        &self,
        schedule: Schedule,
    ) -> Result<Timestamp, QueueError> {
        if schedule.misfire != Misfire::One || schedule.overlap != Overlap::Allow {
            return Err(refused(
                Capability::SchedulePolicies,
                "a schedule of BullMQ has one tick ahead, which is made when the last has begun",
            ));
        }
        fits(&schedule.options, 0)?;
        let schedule = in_whole_millis(schedule);
        let now = self.connections.now().await?;
        let old = self.schedule(&schedule.queue, &schedule.id).await?;
        let at = match old {
            Some(old) => replaced(&old.schedule, old.next, &schedule, now)?,
            None => first(&schedule, now)?,
        };
        let at = up_to_millis(at);
        let opts = tick_options(&schedule, at, 1);
        let mut call = self.schedule_call(&schedule.queue, &schedule.id, at, &opts);
        call.arg("put").arg(schedule.data.as_str());
        for (field, value) in fields(&schedule) {
            call.arg(field).arg(value);
        }
        self.connections.script::<i64>(&call).await?;
        Ok(at)
    }

    /// Makes the tick after the job of a schedule that was just taken.
    ///
    /// A failure is for upkeep to mend, which finds that the tick after is not there.
    pub(super) async fn make_next_tick(&self, stored: &Stored) {
        let record = &stored.record;
        let (Some(id), Some(next)) = (&record.schedule, next_of(stored)) else {
            return;
        };
        let mut call = self.schedule_call(&record.queue, id, next.at, &next.opts);
        call.arg("next").arg(&record.id);
        if let Err(error) = self.connections.script::<i64>(&call).await {
            tracing::warn!(queue = record.queue, schedule = id, %error, "the next tick is made later");
        }
    }

    /// Makes the next tick of a schedule whose newest has begun, or is gone, without a next one;
    /// whether it did.
    pub(super) async fn mend_schedule(&self, queue: &str, id: &str) -> Result<bool, QueueError> {
        let Some((schedule, last, made)) = self.stored_schedule(queue, id).await? else {
            return Ok(false);
        };
        let tick = tick_id(id, last);
        let begun: (bool, Option<String>) = {
            let mut read = redis::pipe();
            let key = self.keys.of(queue, &tick);
            read.exists(&key).hget(&key, "processedOn");
            self.connections.pipeline(&read).await?
        };
        let is_over = schedule.limit.is_some_and(|limit| made >= limit);
        if matches!(begun, (true, None)) || is_over {
            return Ok(false);
        }
        let now = self.connections.now().await?;
        let after = next_after(
            &schedule.repeat,
            schedule.start,
            schedule.end,
            now.max(last),
        );
        let Ok(Some(at)) = after else {
            return Ok(false);
        };
        let mut call = self.schedule_call(queue, id, at, &tick_options(&schedule, at, made + 1));
        call.arg("next").arg(&tick);
        Ok(self.connections.script::<i64>(&call).await? >= 0)
    }

    pub(super) async fn remove_schedule(&self, queue: &str, id: &str) -> Result<bool, QueueError> {
        let mut call = self.schedule_call(queue, id, Timestamp::UNIX_EPOCH, &Value::Null);
        call.arg("remove");
        Ok(self.connections.script::<i64>(&call).await? >= 0)
    }

    pub(super) async fn schedules(&self, queue: &str) -> Result<Vec<ScheduleState>, QueueError> {
        let mut ids: Vec<String> = self
            .connections
            .command(
                redis::cmd("ZRANGE")
                    .arg(self.keys.of(queue, "repeat"))
                    .arg(0)
                    .arg(999),
            )
            .await?;
        ids.sort();
        let mut states = Vec::with_capacity(ids.len());
        for id in ids {
            states.extend(self.schedule(queue, &id).await?);
        }
        Ok(states)
    }

    async fn schedule(&self, queue: &str, id: &str) -> Result<Option<ScheduleState>, QueueError> {
        let Some((schedule, last, made)) = self.stored_schedule(queue, id).await? else {
            return Ok(None);
        };
        let mut read = redis::pipe();
        let key = self.keys.of(queue, &tick_id(id, last));
        read.exists(&key).hget(&key, "processedOn");
        let waits: (bool, Option<String>) = self.connections.pipeline(&read).await?;
        let waits = matches!(waits, (true, None));
        Ok(Some(ScheduleState {
            schedule,
            next: waits.then_some(last),
            ticks: made.saturating_sub(u64::from(waits)),
        }))
    }

    /// A schedule, the moment of its newest tick, and how many were made.
    async fn stored_schedule(
        &self,
        queue: &str,
        id: &str,
    ) -> Result<Option<(Schedule, Timestamp, u64)>, QueueError> {
        let mut read = redis::pipe();
        read.zscore(self.keys.of(queue, "repeat"), id)
            .hgetall(self.keys.of(queue, &format!("repeat:{id}")));
        let (last, fields): (Option<f64>, HashMap<String, String>) =
            self.connections.pipeline(&read).await?;
        let (Some(last), false) = (last, fields.is_empty()) else {
            return Ok(None);
        };
        let made = fields
            .get("ic")
            .and_then(|made| made.parse().ok())
            .unwrap_or(1);
        Ok(schedule_of(queue, id, &fields)
            .map(|schedule| (schedule, from_millis(last as i64), made)))
    }

    fn schedule_call(
        &self,
        queue: &str,
        id: &str,
        at: Timestamp,
        opts: &Value,
    ) -> ScriptInvocation<'static> {
        let mut call = scripts::SCHEDULE.prepare_invoke();
        call.key(self.keys.beginning(queue))
            .arg(self.connections.offset())
            .arg(id)
            .arg(at.unix_millis())
            .arg(opts.to_string());
        call
    }
}

/// A schedule as it is kept: its bounds in whole milliseconds.
fn in_whole_millis(schedule: Schedule) -> Schedule {
    Schedule {
        start: schedule.start.map(up_to_millis),
        end: schedule.end.map(up_to_millis),
        ..schedule
    }
}

/// Rounded up: a tick is never before its moment.
fn up_to_millis(moment: Timestamp) -> Timestamp {
    from_millis(
        moment
            .saturating_add(Duration::from_micros(999))
            .unix_millis(),
    )
}

fn tick_id(schedule: &str, at: Timestamp) -> String {
    format!("repeat:{schedule}:{}", at.unix_millis())
}

/// A tick to be made.
struct Next {
    at: Timestamp,
    opts: Value,
}

/// The tick after the one that `stored` is the job of; `None`: there is none.
fn next_of(stored: &Stored) -> Option<Next> {
    let repeat = &stored.opts["repeat"];
    let count = repeat["count"].as_u64().unwrap_or(1) + 1;
    if repeat["limit"].as_u64().is_some_and(|limit| count > limit) {
        return None;
    }
    let last = moment(stored.record.id.rsplit(':').next()?)?;
    let now = stored.record.processed_at?.max(last);
    let at = next_after(
        &repeat_of(repeat)?,
        start_of(repeat),
        date(&repeat["endDate"]),
        now,
    );
    let at = at.ok().flatten()?;
    let mut opts = stored.opts.clone();
    opts["repeat"]["count"] = count.into();
    opts["prevMillis"] = at.unix_millis().into();
    opts["timestamp"] = now.unix_millis().into();
    Some(Next { at, opts })
}

fn repeat_of(repeat: &Value) -> Option<Repeat> {
    if let Some(every) = repeat["every"].as_u64() {
        return Some(Repeat::Every(Duration::from_millis(every)));
    }
    Some(Repeat::Cron {
        pattern: repeat["pattern"].as_str()?.to_owned(),
        tz: repeat["tz"].as_str().map(str::to_owned),
    })
}

/// From when the ticks count: of one that comes every so often, the offset says where in that time.
fn start_of(repeat: &Value) -> Option<Timestamp> {
    let offset = repeat["offset"].as_i64().filter(|offset| *offset > 0);
    date(&repeat["startDate"]).or(offset.map(from_millis))
}

/// A date as BullMQ stores it: milliseconds, or what `JSON.stringify` makes of one.
fn date(value: &Value) -> Option<Timestamp> {
    value
        .as_i64()
        .map(from_millis)
        .or_else(|| value.as_str()?.parse().ok())
}

/// What BullMQ's `repeat` says of a schedule.
fn repeat_words(schedule: &Schedule) -> Map<String, Value> {
    let mut words = Map::new();
    match &schedule.repeat {
        Repeat::Every(every) => {
            words.insert("every".into(), in_millis(*every));
            let every = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
            let offset = schedule
                .start
                .map_or(0, |start| start.unix_millis().rem_euclid(every));
            words.insert("offset".into(), offset.into());
        }
        Repeat::Cron { pattern, tz } => {
            words.insert("pattern".into(), pattern.as_str().into());
            if let Some(tz) = tz {
                words.insert("tz".into(), tz.as_str().into());
            }
        }
    }
    for (word, moment) in [("startDate", schedule.start), ("endDate", schedule.end)] {
        if let Some(moment) = moment {
            words.insert(word.into(), moment.unix_millis().into());
        }
    }
    if let Some(limit) = schedule.limit {
        words.insert("limit".into(), limit.into());
    }
    words
}

/// The options of a tick's job.
fn tick_options(schedule: &Schedule, at: Timestamp, count: u64) -> Value {
    let mut opts = template(&schedule.options, schedule.version);
    let mut repeat = repeat_words(schedule);
    repeat.insert("count".into(), count.into());
    opts.insert("repeat".into(), repeat.into());
    opts.insert("prevMillis".into(), at.unix_millis().into());
    opts.insert("repeatJobKey".into(), schedule.id.as_str().into());
    opts.into()
}

/// What the hash of a schedule holds.
fn fields(schedule: &Schedule) -> Vec<(&'static str, String)> {
    let opts = Value::Object(template(&schedule.options, schedule.version));
    let mut fields = vec![("name", schedule.name.clone()), ("opts", opts.to_string())];
    let words = repeat_words(schedule);
    for word in [
        "every",
        "offset",
        "pattern",
        "tz",
        "startDate",
        "endDate",
        "limit",
    ] {
        match words.get(word) {
            Some(Value::String(text)) => fields.push((word, text.clone())),
            Some(value) => fields.push((word, value.to_string())),
            None => {}
        }
    }
    fields
}

fn schedule_of(queue: &str, id: &str, fields: &HashMap<String, String>) -> Option<Schedule> {
    let mut words = json!({});
    for (field, value) in fields {
        words[field] = match field.as_str() {
            "every" | "offset" | "startDate" | "endDate" | "limit" => {
                value.parse::<i64>().ok().into()
            }
            _ => value.as_str().into(),
        };
    }
    let opts: Value = fields
        .get("opts")
        .and_then(|opts| serde_json::from_str(opts).ok())
        .unwrap_or_default();
    let read = JsOptions::read(&opts).ok()?;
    let version = opts["purlin"]["version"]
        .as_u64()
        .and_then(|version| u32::try_from(version).ok());
    Some(Schedule {
        queue: queue.to_owned(),
        id: id.to_owned(),
        repeat: repeat_of(&words)?,
        start: start_of(&words),
        end: date(&words["endDate"]),
        limit: words["limit"].as_u64(),
        misfire: Misfire::One,
        overlap: Overlap::Allow,
        name: fields.get("name").cloned().unwrap_or_default(),
        version: version.unwrap_or(1),
        data: Payload::from_json(fields.get("data").map_or("{}", String::as_str)),
        options: read.options,
    })
}

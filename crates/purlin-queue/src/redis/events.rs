//! The events of a queue, and how many jobs ended in each minute.

use std::collections::HashMap;

use purlin_base::Timestamp;
use redis::streams::{StreamId, StreamRangeReply};

use super::{
    record::{cause_named, failure, from_millis},
    store::Inner,
};
use crate::{
    Payload, QueueError,
    store::{Event, EventKind, MinuteCount},
};

/// What comes before every event.
const BEGINNING: &str = "0-0";
const EVENTS_MAX: u32 = 1000;
/// Minutes that are kept: a day.
const MINUTES_MAX: u32 = 1440;

impl Inner {
    pub(super) async fn events(
        &self,
        queue: &str,
        after: Option<String>,
        max: u32,
    ) -> Result<(Vec<Event>, String), QueueError> {
        let stream = self.keys.of(queue, "events");
        let Some(after) = after else {
            let mut last = redis::cmd("XREVRANGE");
            last.arg(stream).arg("+").arg("-").arg("COUNT").arg(1);
            let last: StreamRangeReply = self.connections.command(&last).await?;
            let mark = last.ids.into_iter().next();
            return Ok((Vec::new(), mark.map_or(BEGINNING.into(), |event| event.id)));
        };
        let mut read = redis::cmd("XRANGE");
        read.arg(stream)
            .arg(format!("({after}"))
            .arg("+")
            .arg("COUNT")
            .arg(max.clamp(1, EVENTS_MAX));
        let read: StreamRangeReply = self.connections.command(&read).await?;
        let mark = read.ids.last().map_or(after, |event| event.id.clone());
        let events = read.ids.iter().filter_map(|event| self.event(event));
        Ok((events.collect(), mark))
    }

    /// An event in our words; `None`: we have none for it.
    fn event(&self, event: &StreamId) -> Option<Event> {
        let text = |field: &str| event.get::<String>(field);
        let payload = |field: &str| text(field).map(Payload::from_json);
        let kind = match text("event")?.as_str() {
            "added" => EventKind::Added,
            "waiting" => EventKind::Waiting,
            "delayed" => EventKind::Delayed,
            "waiting-children" => EventKind::WaitingChildren,
            "active" => EventKind::Active,
            "progress" => EventKind::Progress(payload("data")?),
            "completed" => EventKind::Completed(payload("returnvalue")?),
            "failed" => {
                let cause = text("cause").and_then(|cause| cause_named(&cause));
                EventKind::Failed(failure(text("failedReason")?, cause, &self.keys))
            }
            "stalled" => EventKind::Stalled,
            "deduplicated" | "duplicated" => EventKind::Deduplicated,
            "removed" => EventKind::Removed,
            "paused" => EventKind::Paused,
            "resumed" => EventKind::Resumed,
            _ => return None,
        };
        let millis: i64 = event.id.split('-').next()?.parse().ok()?;
        Some(Event {
            at: from_millis(millis + self.connections.offset()),
            job: text("jobId").unwrap_or_default(),
            kind,
        })
    }

    pub(super) async fn rates(
        &self,
        queue: &str,
        minutes: u32,
    ) -> Result<Vec<MinuteCount>, QueueError> {
        let now = self.connections.now().await?.unix_seconds().div_euclid(60);
        let minutes = i64::from(minutes.clamp(1, MINUTES_MAX));
        let completed = self.ended(queue, "completed").await?;
        let failed = self.ended(queue, "failed").await?;
        let count = |minute| MinuteCount {
            minute: Timestamp::from_unix_micros(minute * 60_000_000),
            completed: completed.get(&minute).copied().unwrap_or(0),
            failed: failed.get(&minute).copied().unwrap_or(0),
        };
        Ok((now - minutes + 1..=now).map(count).collect())
    }

    /// How many jobs ended so, by the minute since 1970.
    ///
    /// BullMQ keeps the count of all, what it was when the last minute with an end began, and a list
    /// of the minutes before that one, newest first.
    async fn ended(&self, queue: &str, target: &str) -> Result<HashMap<i64, u64>, QueueError> {
        let key = self.keys.of(queue, &format!("metrics:{target}"));
        let mut read = redis::pipe();
        read.hmget(&key, &["count", "prevCount", "prevTS"])
            .lrange(format!("{key}:data"), 0, -1);
        let (meta, points): (Vec<Option<f64>>, Vec<f64>) = self.connections.pipeline(&read).await?;
        let [Some(count), Some(before), Some(last)] = meta[..] else {
            return Ok(HashMap::new());
        };
        let newest = (last / 60_000.0).floor() as i64;
        let mut ended = HashMap::from([(newest, (count - before).max(0.0) as u64)]);
        for (minutes, point) in (1..).zip(points) {
            ended.insert(newest - minutes, point.max(0.0) as u64);
        }
        Ok(ended)
    }
}

//! What can be looked at.

use std::collections::HashMap;

use redis::Value as Reply;
use serde_json::Value;

use super::{
    keys::Keys,
    record::{cause_named, due, failure, on_failure, read},
    reply::hash,
    store::Inner,
};
use crate::{
    Payload, QueueError, State,
    job::{JobRecord, Keep},
    store::{
        Capability, Child, ChildOutcome, Counts, JobsQuery, Limits, LogPage, OnChildFailure,
        QueueSummary, Rate, Retention,
    },
};

/// Jobs that one query answers at most, and that are read at a time.
const JOBS_MAX: u32 = 1000;

impl Inner {
    pub(super) async fn job(&self, queue: &str, id: &str) -> Result<Option<JobRecord>, QueueError> {
        let mut look = redis::pipe();
        look.hgetall(self.keys.of(queue, id));
        for state in [
            "completed",
            "failed",
            "delayed",
            "prioritized",
            "waiting-children",
        ] {
            look.zscore(self.keys.of(queue, state), id);
        }
        look.cmd("LPOS").arg(self.keys.of(queue, "active")).arg(id);
        // One transaction: the hash and the place fit together.
        look.atomic();
        type Found = (
            Reply,
            Option<f64>,
            Option<f64>,
            Option<f64>,
            Option<f64>,
            Option<f64>,
            Option<i64>,
        );
        let (fields, completed, failed, delayed, prioritized, children, active): Found =
            self.connections.pipeline(&look).await?;
        let fields = hash(fields, "job")?;
        if fields.is_empty() {
            return Ok(None);
        }
        let state = match () {
            () if completed.is_some() => State::Completed,
            () if failed.is_some() => State::Failed,
            () if delayed.is_some() => State::Delayed,
            () if prioritized.is_some() => State::Prioritized,
            () if children.is_some() => State::WaitingChildren,
            () if active.is_some() => State::Active,
            () => State::Waiting,
        };
        Ok(Some(self.record(
            queue,
            id.to_owned(),
            state,
            fields,
            delayed,
        )))
    }

    fn record(
        &self,
        queue: &str,
        id: String,
        state: State,
        fields: Vec<(String, String)>,
        score: Option<f64>,
    ) -> JobRecord {
        let mut record = read(queue, id, state, fields, &self.keys).record;
        if state == State::Delayed {
            record.delayed_until = score.map(due);
        }
        record
    }

    pub(super) async fn jobs(&self, query: JobsQuery) -> Result<Vec<JobRecord>, QueueError> {
        if query.tag.is_some() {
            return Err(super::add::refused(
                Capability::Tags,
                "BullMQ has no index of tags",
            ));
        }
        let wanted = query.max.min(JOBS_MAX) as usize;
        let mut skip = query.offset;
        let mut jobs = Vec::new();
        for state in State::ALL
            .into_iter()
            .filter(|state| query.states.is_empty() || query.states.contains(state))
        {
            let mut from = 0;
            while jobs.len() < wanted {
                let page = self.page(&query.queue, state, from).await?;
                from += u64::from(JOBS_MAX);
                let is_last = page.len() < JOBS_MAX as usize;
                let named =
                    |job: &JobRecord| query.name.as_ref().is_none_or(|name| *name == job.name);
                for job in page.into_iter().filter(named) {
                    match skip {
                        0 if jobs.len() < wanted => jobs.push(job),
                        0 => break,
                        _ => skip -= 1,
                    }
                }
                if is_last {
                    break;
                }
            }
        }
        Ok(jobs)
    }

    /// Up to [`JOBS_MAX`] jobs in `state` after the first `from`.
    async fn page(
        &self,
        queue: &str,
        state: State,
        from: u64,
    ) -> Result<Vec<JobRecord>, QueueError> {
        let ids = self.ids(queue, state, from).await?;
        let mut look = redis::pipe();
        for (id, _) in &ids {
            look.hgetall(self.keys.of(queue, id));
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found: Vec<Reply> = self.connections.pipeline(&look).await?;
        let mut jobs = Vec::with_capacity(ids.len());
        for ((id, score), fields) in ids.into_iter().zip(found) {
            let fields = hash(fields, "jobs")?;
            if !fields.is_empty() {
                jobs.push(self.record(queue, id, state, fields, score));
            }
        }
        Ok(jobs)
    }

    async fn ids(
        &self,
        queue: &str,
        state: State,
        from: u64,
    ) -> Result<Vec<(String, Option<f64>)>, QueueError> {
        let from = i64::try_from(from).unwrap_or(i64::MAX / 2);
        let to = from + i64::from(JOBS_MAX) - 1;
        let key = self.keys.of(queue, word(state));
        if matches!(state, State::Waiting | State::Active) {
            // Taken from the right, so the first is the last of the list.
            let mut range = redis::cmd("LRANGE");
            range.arg(key).arg(-1 - to).arg(-1 - from);
            let ids: Vec<String> = self.connections.command(&range).await?;
            return Ok(ids.into_iter().rev().map(|id| (id, None)).collect());
        }
        let order = if state.is_finished() {
            "ZREVRANGE"
        } else {
            "ZRANGE"
        };
        let mut range = redis::cmd(order);
        range.arg(key).arg(from).arg(to).arg("WITHSCORES");
        let ids: Vec<(String, f64)> = self.connections.command(&range).await?;
        Ok(ids
            .into_iter()
            .map(|(id, score)| (id, Some(score)))
            .collect())
    }

    pub(super) async fn counts(&self, queue: &str) -> Result<Counts, QueueError> {
        let mut look = redis::pipe();
        for state in State::ALL {
            let count = if matches!(state, State::Waiting | State::Active) {
                "LLEN"
            } else {
                "ZCARD"
            };
            look.cmd(count).arg(self.keys.of(queue, word(state)));
        }
        let found: Vec<u64> = self.connections.pipeline(&look).await?;
        let mut counts = Counts::default();
        for (state, count) in State::ALL.into_iter().zip(found) {
            *counts.of_mut(state) = count;
        }
        Ok(counts)
    }

    pub(super) async fn logs(
        &self,
        queue: &str,
        id: &str,
        from: u64,
        max: u32,
    ) -> Result<LogPage, QueueError> {
        let key = self.keys.of(queue, &format!("{id}:logs"));
        let from = isize::try_from(from).unwrap_or(isize::MAX / 2);
        let mut look = redis::pipe();
        look.lrange(&key, from, from + max.min(JOBS_MAX) as isize - 1)
            .llen(&key);
        let (lines, total): (Vec<String>, u64) = self.connections.pipeline(&look).await?;
        Ok(LogPage {
            lines: if max == 0 { Vec::new() } else { lines },
            total,
        })
    }

    pub(super) async fn children(&self, queue: &str, id: &str) -> Result<Vec<Child>, QueueError> {
        let key = self.keys.of(queue, id);
        let mut look = redis::pipe();
        look.smembers(format!("{key}:dependencies"))
            .hgetall(format!("{key}:processed"))
            .hgetall(format!("{key}:failed"))
            .zrange(format!("{key}:unsuccessful"), 0, -1);
        type Found = (
            Vec<String>,
            HashMap<String, String>,
            HashMap<String, String>,
            Vec<String>,
        );
        let (pending, done, ignored, failed): Found = self.connections.pipeline(&look).await?;
        let pending = pending.into_iter().map(|child| (child, Outcome::Pending));
        let done = done
            .into_iter()
            .map(|(child, value)| (child, Outcome::Completed(value)));
        let ignored = ignored
            .into_iter()
            .map(|(child, reason)| (child, Outcome::Ignored(reason)));
        let failed = failed.into_iter().map(|child| (child, Outcome::Failed));
        let ended = pending.chain(done).chain(ignored).chain(failed).collect();
        self.told_children(ended).await
    }

    /// Children with what their own hashes say, while those are there.
    async fn told_children(
        &self,
        children: Vec<(String, Outcome)>,
    ) -> Result<Vec<Child>, QueueError> {
        if children.is_empty() {
            return Ok(Vec::new());
        }
        let mut look = redis::pipe();
        for (key, _) in &children {
            look.hmget(key, &["parent", "failedReason", "purlin:cause"]);
        }
        let told: Vec<Vec<Option<String>>> = self.connections.pipeline(&look).await?;
        let mut found: Vec<Child> = children
            .into_iter()
            .zip(told)
            .filter_map(|((key, outcome), told)| self.child(&key, outcome, told))
            .collect();
        found.sort_by(|one, other| (&one.queue, &one.id).cmp(&(&other.queue, &other.id)));
        Ok(found)
    }

    fn child(&self, key: &str, outcome: Outcome, told: Vec<Option<String>>) -> Option<Child> {
        let (queue, id) = Keys::job_of(key)?;
        let mut told = told.into_iter();
        let (parent, reason, cause) = (told.next()?, told.next()?, told.next()?);
        let parent = parent.and_then(|parent| serde_json::from_str::<Value>(&parent).ok());
        let usual = outcome.usual_policy();
        let cause = cause.and_then(|cause| cause_named(&cause));
        let failed = |reason| ChildOutcome::Failed(failure(reason, cause, &self.keys));
        Some(Child {
            queue: queue.to_owned(),
            id: id.to_owned(),
            on_failure: parent.map_or(usual, |parent| on_failure(&parent)),
            outcome: match outcome {
                Outcome::Pending => ChildOutcome::Pending,
                Outcome::Completed(value) => ChildOutcome::Completed(Payload::from_json(value)),
                Outcome::Ignored(reason) => failed(reason),
                Outcome::Failed => failed(reason.unwrap_or_default()),
            },
        })
    }

    pub(super) async fn queues(&self) -> Result<Vec<QueueSummary>, QueueError> {
        let mut names = Vec::new();
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor)
                .arg("MATCH")
                .arg(self.keys.every_meta())
                .arg("COUNT")
                .arg(1000);
            let (next, keys): (u64, Vec<String>) = self.connections.command(&scan).await?;
            let found = keys.iter().filter_map(|key| Keys::job_of(key));
            names.extend(
                found
                    .filter(|(_, word)| *word == "meta")
                    .map(|(queue, _)| queue.to_owned()),
            );
            cursor = next;
            if cursor == 0 {
                break;
            }
        }
        names.sort();
        names.dedup();
        let mut summaries = Vec::with_capacity(names.len());
        for name in names {
            let meta: HashMap<String, String> = self
                .connections
                .command(redis::cmd("HGETALL").arg(self.keys.of(&name, "meta")))
                .await?;
            summaries.push(summary(name, &meta));
        }
        Ok(summaries)
    }
}

/// What a parent keeps of a child.
enum Outcome {
    Pending,
    Completed(String),
    Ignored(String),
    Failed,
}

impl Outcome {
    /// The policy of a child whose own hash is gone.
    fn usual_policy(&self) -> OnChildFailure {
        match self {
            Self::Ignored(_) => OnChildFailure::Ignore,
            _ => OnChildFailure::Fail,
        }
    }
}

/// BullMQ's word for the key of a state.
fn word(state: State) -> &'static str {
    match state {
        State::Waiting => "wait",
        state => state.name(),
    }
}

fn summary(name: String, meta: &HashMap<String, String>) -> QueueSummary {
    fn read<T: std::str::FromStr>(meta: &HashMap<String, String>, field: &str) -> Option<T> {
        meta.get(field)?.parse().ok()
    }
    let keep = |state: &str| Keep {
        count: read(meta, &format!("purlin:{state}:count")),
        age: read(meta, &format!("purlin:{state}:age")).map(std::time::Duration::from_secs),
    };
    let rate = read(meta, "max").zip(read(meta, "duration"));
    QueueSummary {
        name,
        paused: meta.contains_key("paused"),
        limits: Limits {
            concurrency: read(meta, "concurrency"),
            rate: rate.map(|(max, per)| Rate {
                max,
                per: std::time::Duration::from_millis(per),
            }),
            ..Limits::default()
        },
        retention: Retention {
            completed: keep("completed"),
            failed: keep("failed"),
        },
    }
}

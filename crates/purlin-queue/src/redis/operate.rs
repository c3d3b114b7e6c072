//! What operators do.

use std::sync::Arc;

use bullmq::QueueOptions;

use super::{add::refused, connection::ENGINE, scripts, store::Inner};
use crate::{
    QueueError, State,
    job::{Keep, PRIORITY_MAX},
    store::{Capability, Change, Control, Limits, Retention},
};

/// Jobs that one call touches at most.
const BULK_MAX: u32 = 1000;

impl Inner {
    pub(super) async fn control(&self, queue: &str, control: Control) -> Result<u64, QueueError> {
        match control {
            Control::Pause => self.bull(queue).await?.pause().await.map_err(refusal)?,
            Control::Resume => self.bull(queue).await?.resume().await.map_err(refusal)?,
            Control::Limit(limits) => self.limit(queue, limits).await?,
            Control::Retain(retention) => self.retain(queue, retention).await?,
            Control::Drain { delayed, max } => {
                let what = if delayed { "drain-all" } else { "drain" };
                return self.bulk(queue, what, max).await;
            }
            Control::PromoteAll { max } => return self.bulk(queue, "promote", max).await,
            Control::Clean { state, grace, max } => {
                let grace = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
                let removed = self.clean(queue, "clean", state, grace, max).await?;
                return Ok(removed.len() as u64);
            }
            Control::RetryAll { state, max } => return self.retry_all(queue, state, max).await,
            Control::Obliterate { force, .. } => return self.obliterate(queue, force).await,
        }
        Ok(0)
    }

    /// The queue, by the crate that knows the layout.
    pub(super) async fn bull(&self, queue: &str) -> Result<Arc<bullmq::Queue>, QueueError> {
        crate::job::check_queue(queue)?;
        let mut queues = self.bull_queues.lock().await;
        if let Some(found) = queues.get(queue) {
            return Ok(found.clone());
        }
        let options = QueueOptions {
            prefix: self.keys.prefix().to_owned(),
            ..QueueOptions::default()
        };
        let connection = self.bull_connection().await?;
        let made = bullmq::Queue::with_connection(queue, connection, options);
        let made = Arc::new(made.await.map_err(refusal)?);
        if queues.len() >= QUEUES_KEPT {
            queues.clear();
        }
        queues.insert(queue.to_owned(), made.clone());
        Ok(made)
    }

    async fn bulk(&self, queue: &str, what: &str, max: u32) -> Result<u64, QueueError> {
        let mut call = scripts::BULK.prepare_invoke();
        call.key(self.keys.beginning(queue))
            .arg(self.connections.offset())
            .arg(what)
            .arg(max.clamp(1, BULK_MAX));
        self.connections.script(&call).await
    }

    async fn clean(
        &self,
        queue: &str,
        what: &str,
        state: State,
        grace: u64,
        max: u32,
    ) -> Result<Vec<String>, QueueError> {
        if state == State::Active {
            return Err(QueueError::Option {
                option: "state",
                rule: "not active: a job that runs is its worker's",
            });
        }
        let mut call = scripts::CLEAN.prepare_invoke();
        call.key(self.keys.beginning(queue))
            .arg(self.connections.offset())
            .arg(what)
            .arg(state.name())
            .arg(grace)
            .arg(max.clamp(1, BULK_MAX));
        self.connections.script(&call).await
    }

    async fn retry_all(&self, queue: &str, state: State, max: u32) -> Result<u64, QueueError> {
        if !state.is_finished() {
            return Err(QueueError::Option {
                option: "state",
                rule: "completed or failed",
            });
        }
        let mut retried = 0;
        for id in self.clean(queue, "retry", state, 0, max).await? {
            // One that another has retried or removed meanwhile is not ours to count.
            retried += u64::from(self.say(queue, &id, "redrive", "").await? == "done");
        }
        Ok(retried)
    }

    async fn obliterate(&self, queue: &str, force: bool) -> Result<u64, QueueError> {
        let counts = self.counts(queue).await?;
        if counts.active > 0 && !force {
            return Err(QueueError::State {
                id: queue.to_owned(),
                state: State::Active.name(),
                wanted: "obliterated without force",
            });
        }
        let bull = self.bull(queue).await?;
        bull.pause().await.map_err(refusal)?;
        bull.obliterate(force, BULK_MAX as usize)
            .await
            .map_err(refusal)?;
        let mut rest = redis::cmd("DEL");
        for word in [
            "purlin:workers",
            "metrics:completed",
            "metrics:completed:data",
            "metrics:failed",
            "metrics:failed:data",
        ] {
            rest.arg(self.keys.of(queue, word));
        }
        self.connections.command::<u64>(&rest).await?;
        self.bull_queues.lock().await.remove(queue);
        Ok(State::ALL.into_iter().map(|state| counts.of(state)).sum())
    }

    async fn limit(&self, queue: &str, limits: Limits) -> Result<(), QueueError> {
        if limits.key_concurrency.is_some() || limits.key_rate.is_some() {
            return Err(refused(
                Capability::KeyLimits,
                "BullMQ limits whole queues; give each key a queue",
            ));
        }
        if !limits.tenant_weights.is_empty() {
            return Err(refused(
                Capability::Tenants,
                "BullMQ has no groups; give each tenant a queue",
            ));
        }
        let bull = self.bull(queue).await?;
        match limits.concurrency {
            Some(jobs) => bull.set_global_concurrency(jobs.into()).await,
            None => bull.remove_global_concurrency().await,
        }
        .map_err(refusal)?;
        match limits.rate {
            Some(rate) => {
                let per = u64::try_from(rate.per.as_millis())
                    .unwrap_or(u64::MAX)
                    .max(1);
                bull.set_global_rate_limit(rate.max.into(), per).await
            }
            None => bull.remove_global_rate_limit().await,
        }
        .map_err(refusal)
    }

    /// BullMQ keeps what its options say; what the queue says is in fields of its settings that are ours.
    async fn retain(&self, queue: &str, retention: Retention) -> Result<(), QueueError> {
        self.bull(queue).await?;
        let meta = self.keys.of(queue, "meta");
        let mut write = redis::pipe();
        write.atomic();
        for (state, keep) in [
            ("completed", retention.completed),
            ("failed", retention.failed),
        ] {
            for (word, value) in keep_words(keep) {
                let field = format!("purlin:{state}:{word}");
                match value {
                    Some(value) => write.hset(&meta, field, value).ignore(),
                    None => write.hdel(&meta, field).ignore(),
                };
            }
        }
        self.connections.pipeline(&write).await
    }

    pub(super) async fn change(
        &self,
        queue: &str,
        id: &str,
        change: Change,
    ) -> Result<(), QueueError> {
        if matches!(change, Change::Priority(priority) if priority > PRIORITY_MAX) {
            return Err(QueueError::Option {
                option: "priority",
                rule: "0 to 2097151",
            });
        }
        let (what, wanted, value) = match &change {
            Change::Cancel => ("cancel", "cancelled", String::new()),
            Change::Promote => ("promote", "promoted", String::new()),
            Change::Redrive => ("redrive", "retried", String::new()),
            Change::Bury { reason } => (
                "bury",
                "moved to the dead letters",
                super::turn::cut(reason).to_owned(),
            ),
            Change::Remove => ("remove", "removed", String::new()),
            Change::Data(data) => ("data", "changed", data.as_str().to_owned()),
            Change::Priority(priority) => ("priority", "changed", priority.to_string()),
            Change::Delay(delay) => ("delay", "delayed", delay.as_millis().to_string()),
        };
        match self.say(queue, id, what, &value).await?.as_str() {
            "done" => Ok(()),
            "missing" => Err(QueueError::NotFound {
                queue: queue.to_owned(),
                id: id.to_owned(),
            }),
            state => Err(QueueError::State {
                id: id.to_owned(),
                state: State::by_name(state).map_or("unknown", State::name),
                wanted,
            }),
        }
    }

    async fn say(
        &self,
        queue: &str,
        id: &str,
        what: &str,
        value: &str,
    ) -> Result<String, QueueError> {
        let mut call = scripts::CHANGE.prepare_invoke();
        call.key(self.keys.beginning(queue))
            .arg(self.connections.offset())
            .arg(id)
            .arg(what)
            .arg(value);
        self.connections.script(&call).await
    }
}

/// Queues whose handle is kept: a handle is small, and made again in one command.
const QUEUES_KEPT: usize = 1000;

fn keep_words(keep: Keep) -> [(&'static str, Option<u64>); 2] {
    [
        ("count", keep.count),
        ("age", keep.age.map(|age| age.as_secs())),
    ]
}

pub(super) fn refusal(error: bullmq::Error) -> QueueError {
    QueueError::Store {
        engine: ENGINE,
        source: error.into(),
    }
}

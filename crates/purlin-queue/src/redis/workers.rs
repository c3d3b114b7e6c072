//! The workers that are there: a hash of ours beside the queue, since BullMQ tells its own by the names
//! of connections.

use std::{collections::HashMap, time::Duration};

use purlin_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{connection::unreadable, store::Inner};
use crate::{QueueError, store::Worker};

#[derive(Serialize, Deserialize)]
struct Beat {
    worker: Worker,
    until: Timestamp,
}

/// How long the hash stays after the last beat.
const FORGOTTEN_AFTER_SECONDS: i64 = 24 * 3600;

impl Inner {
    pub(super) async fn beat(&self, worker: Worker, until: Duration) -> Result<(), QueueError> {
        let key = self.keys.of(&worker.queue, "purlin:workers");
        let id = worker.id.clone();
        let until = self.connections.now().await?.saturating_add(until);
        let beat =
            serde_json::to_string(&Beat { worker, until }).map_err(|_| unreadable("beat"))?;
        let mut write = redis::pipe();
        write
            .hset(&key, id, beat)
            .ignore()
            .expire(&key, FORGOTTEN_AFTER_SECONDS)
            .ignore();
        self.connections.pipeline(&write).await
    }

    pub(super) async fn leave(&self, queue: &str, worker: &str) -> Result<(), QueueError> {
        let key = self.keys.of(queue, "purlin:workers");
        let mut leave = redis::cmd("HDEL");
        leave.arg(key).arg(worker);
        self.connections.command::<u64>(&leave).await.map(drop)
    }

    pub(super) async fn workers(&self, queue: &str) -> Result<Vec<Worker>, QueueError> {
        let key = self.keys.of(queue, "purlin:workers");
        let now = self.connections.now().await?;
        let beats: HashMap<String, String> = self
            .connections
            .command(redis::cmd("HGETALL").arg(&key))
            .await?;
        let mut workers = Vec::new();
        for (id, beat) in beats {
            match serde_json::from_str::<Beat>(&beat) {
                Ok(beat) if beat.until > now => workers.push(beat.worker),
                _ => self.leave(queue, &id).await?,
            }
        }
        workers.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(workers)
    }
}

//! Jobs of another store, added inside a transaction of a [`Db`](purlin_sql::Db): they wait in its outbox
//! until that has committed, and are sent then.
//!
//! The id of a job is known before the commit. From the commit on the job is there: while it is in the
//! outbox, [`Queue::job`](crate::Queue::job) finds it there, as `waiting`. It is sent at least once: a
//! second time it is the job that is there already, unless that has ended and is gone, so what a
//! processor does must note in the [inbox](purlin_sql::inbox) that it was done;
//! [`JobContext::effect`](crate::JobContext::effect) does that.
//!
//! # Examples
//!
//! ```no_run
//! use std::sync::Arc;
//! use purlin_queue::{QueueConfig, Queues, Store, outbox::QueueSink};
//! use purlin_sql::{Db, outbox::{OUTBOX, Outbox, Relay}};
//!
//! # async fn example(db: Db, store: Arc<dyn Store>) -> Result<(), Box<dyn std::error::Error>> {
//! db.migrate(&OUTBOX).await?;
//! let config = QueueConfig {
//!     outbox: Some(Outbox::new(&db)),
//!     ..QueueConfig::default()
//! };
//! let queues = Queues::with_config(Arc::clone(&store), config);
//! let relay = Relay::builder(&db).sink(Arc::new(QueueSink::new(store))).build()?;
//! relay.start();
//! # let _ = queues;
//! # Ok(()) }
//! ```

use std::sync::Arc;

use purlin_base::{BoxFuture, Classified, Timestamp};
use purlin_sql::{
    Tx,
    outbox::{Outbox, OutboxError, OutboxMessage, Sink, SinkError},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    JobRecord, QueueError, State, Store,
    store::{Added, NewJob},
};

/// The name by which messages of the outbox are told to be jobs.
pub const SINK: &str = "purlin.queue";

/// Adds the jobs of an outbox to a store.
pub struct QueueSink(Arc<dyn Store>);

impl QueueSink {
    /// Adds them to `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }

    async fn add(&self, message: &OutboxMessage) -> Result<(), SinkError> {
        let jobs: Vec<NewJob> =
            serde_json::from_slice(&message.body).map_err(SinkError::refused)?;
        match self.0.add(jobs).await {
            Ok(_) => Ok(()),
            Err(error) if error.class().is_ours() => Err(SinkError::again(error)),
            Err(error) => Err(SinkError::refused(error)),
        }
    }
}

impl Sink for QueueSink {
    fn name(&self) -> &str {
        SINK
    }

    fn send<'a>(&'a self, batch: &'a [OutboxMessage]) -> BoxFuture<'a, Vec<Result<(), SinkError>>> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(batch.len());
            let mut is_away = false;
            for message in batch {
                let answer = match is_away {
                    true => Err(SinkError::again("one before it was not taken")),
                    false => self.add(message).await,
                };
                is_away |= matches!(answer, Err(SinkError::Again { .. }));
                answers.push(answer);
            }
            answers
        })
    }

    /// Jobs of one queue are added in the order they were put.
    fn keeps_order(&self) -> bool {
        true
    }
}

/// Puts jobs into the outbox, as a part of `tx`; they are sent together, and so all or none are added.
pub(crate) async fn put(
    outbox: &Outbox,
    tx: &mut Tx,
    jobs: Vec<NewJob>,
) -> Result<Vec<Added>, QueueError> {
    let Some(message) = message(&jobs)? else {
        return Ok(Vec::new());
    };
    let is_new = match outbox.put(tx, message).await {
        Ok(()) => true,
        Err(OutboxError::Taken { .. }) => false,
        Err(error) => return Err(refused(error)),
    };
    let added = jobs.into_iter().map(|job| Added { id: job.id, is_new });
    Ok(added.collect())
}

fn refused(error: OutboxError) -> QueueError {
    match error {
        OutboxError::Sql(error) => error.into(),
        OutboxError::TooLarge { bytes, bytes_max } => QueueError::TooLarge {
            size: bytes,
            max: bytes_max,
        },
        error => QueueError::Store {
            engine: "outbox",
            source: error.into(),
        },
    }
}

/// The job `id` of `queue`, while it waits in the outbox.
pub(crate) async fn find(
    outbox: &Outbox,
    queue: &str,
    id: &str,
) -> Result<Option<JobRecord>, QueueError> {
    let Some(stored) = outbox.find(message_id(queue, id)).await? else {
        return Ok(None);
    };
    if stored.message.sink != SINK || stored.message.destination != queue {
        return Ok(None);
    }
    let jobs = serde_json::from_slice::<Vec<NewJob>>(&stored.message.body);
    let job = jobs
        .unwrap_or_default()
        .into_iter()
        .find(|job| job.id == id);
    Ok(job.map(|job| record(job, stored.created_at)))
}

/// `jobs` as one message, under the id of the first; none of no jobs.
fn message(jobs: &[NewJob]) -> Result<Option<OutboxMessage>, QueueError> {
    let Some(first) = jobs.first() else {
        return Ok(None);
    };
    let body = serde_json::to_vec(jobs).map_err(|error| QueueError::Payload {
        name: first.name.clone(),
        reason: error.to_string(),
    })?;
    let id = message_id(&first.queue, &first.id);
    let message = OutboxMessage::new(id, SINK, &first.queue, body).key(&first.queue);
    Ok(Some(message))
}

/// The job's own id if it is a UUID, else one made of it.
fn message_id(queue: &str, id: &str) -> Uuid {
    if let Ok(id) = Uuid::parse_str(id) {
        return id;
    }
    let mut hash = Sha256::new();
    hash.update(queue);
    hash.update([0]);
    hash.update(id);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// A job that no store has yet, as it will be.
fn record(job: NewJob, created_at: Timestamp) -> JobRecord {
    let state = match job.options.priority {
        0 => State::Waiting,
        _ => State::Prioritized,
    };
    JobRecord {
        queue: job.queue,
        id: job.id,
        name: job.name,
        version: job.version,
        data: job.data,
        options: job.options,
        state,
        created_at,
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
        parents: job.parents,
        schedule: None,
        traceparent: job.traceparent,
        cancel_requested: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_jobs_own_id_or_one_of_its_own() {
        let id = "0193a4f2-0000-7000-8000-000000000001";
        assert_eq!(message_id("mails", id).to_string(), id);
        assert_ne!(message_id("mails", "a"), message_id("covers", "a"));
        assert_eq!(message_id("mails", "a"), message_id("mails", "a"));
    }
}

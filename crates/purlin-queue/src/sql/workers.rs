//! The workers that are there.

use std::{sync::Arc, time::Duration};

use purlin_sql::Json;

use super::{core::Core, operate, time::micros};
use crate::{QueueError, store::Worker};

pub(super) async fn beat(
    core: &Arc<Core>,
    worker: Worker,
    until: Duration,
) -> Result<(), QueueError> {
    let row = Arc::new((text(&worker)?, worker));
    core.commit(move |commit| {
        let row = Arc::clone(&row);
        Box::pin(async move {
            let (text, worker) = &*row;
            operate::ensure(commit, &worker.queue).await?;
            let until = commit.now.saturating_add(micros(until));
            let insert = "insert into purlin_queue_workers (queue, id, worker, until) \
                          values ($1, $2, $3, $4) on conflict (queue, id) do update set \
                          worker = excluded.worker, until = excluded.until";
            let insert = commit.tx.query(insert).bind(&worker.queue);
            let insert = insert.bind(&worker.id).bind(text).bind(until);
            insert.execute().await?;
            Ok(())
        })
    })
    .await
}

pub(super) async fn leave(
    core: &Arc<Core>,
    queue: String,
    worker: String,
) -> Result<(), QueueError> {
    let delete = "delete from purlin_queue_workers where queue = $1 and id = $2";
    let delete = core.db.write(delete).bind(queue).bind(worker);
    delete.execute().await?;
    Ok(())
}

pub(super) async fn list(core: &Arc<Core>, queue: String) -> Result<Vec<Worker>, QueueError> {
    let now = core.now().await?;
    let select = "select worker from purlin_queue_workers where queue = $1 and until > $2 \
                  order by id";
    let select = core.db.read().query(select).bind(queue).bind(now);
    let workers = select.fetch_all::<(Json<Worker>,)>().await?;
    Ok(workers.into_iter().map(|(worker,)| worker.0).collect())
}

/// The column is text on both engines, which a bound [`Json`] is not on Postgres.
fn text(worker: &Worker) -> Result<String, QueueError> {
    serde_json::to_string(worker).map_err(|error| QueueError::Payload {
        name: worker.name.clone(),
        reason: error.to_string(),
    })
}

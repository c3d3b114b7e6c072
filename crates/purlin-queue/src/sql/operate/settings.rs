//! The settings of a queue. It may be empty or new.

use std::sync::Arc;

use purlin_sql::Query;

use crate::{
    QueueError,
    sql::{commit::Commit, core::Core},
    store::{EventKind, Limits, Retention},
};

/// Lets no job be taken any more, or lets them be taken again.
pub(super) async fn pause(core: &Arc<Core>, queue: String, pause: bool) -> Result<u64, QueueError> {
    core.commit(move |commit| {
        let queue = queue.clone();
        Box::pin(async move {
            ensure(commit, &queue).await?;
            let set = "update purlin_queues set paused = $2 where name = $1 and paused <> $2";
            let set = Query::new(set).bind(&queue).bind(i64::from(pause));
            if commit.tx.query(set).execute().await? > 0 {
                let event = match pause {
                    true => EventKind::Paused,
                    false => EventKind::Resumed,
                };
                commit.note(&queue, "", &event);
            }
            changed(commit, &queue);
            Ok(0)
        })
    })
    .await
}

/// Sets the limits.
pub(super) async fn limit(
    core: &Arc<Core>,
    queue: String,
    limits: Limits,
) -> Result<u64, QueueError> {
    check(&limits)?;
    let set = "update purlin_queues set limits = $2 where name = $1";
    set_text(core, queue, set, text(&limits)).await
}

/// Sets how finished jobs are kept.
pub(super) async fn retain(
    core: &Arc<Core>,
    queue: String,
    retention: Retention,
) -> Result<u64, QueueError> {
    let set = "update purlin_queues set retention = $2 where name = $1";
    set_text(core, queue, set, text(&retention)).await
}

async fn set_text(
    core: &Arc<Core>,
    queue: String,
    set: &'static str,
    text: String,
) -> Result<u64, QueueError> {
    core.commit(move |commit| {
        let (queue, text) = (queue.clone(), text.clone());
        Box::pin(async move {
            ensure(commit, &queue).await?;
            let set = commit.tx.query(set).bind(&queue).bind(text);
            set.execute().await?;
            changed(commit, &queue);
            Ok(0)
        })
    })
    .await
}

/// Makes sure that the queue is known.
pub(in crate::sql) async fn ensure(commit: &mut Commit<'_>, queue: &str) -> Result<(), QueueError> {
    if commit.queue(queue).await?.exists {
        return Ok(());
    }
    let insert = "insert into purlin_queues (name) values ($1) on conflict (name) do nothing";
    commit.tx.query(insert).bind(queue).execute().await?;
    commit.forget_queue(queue);
    Ok(())
}

/// Deletes everything of a queue that is not a job. Its events stay for those who read them, until
/// they are old.
pub(super) async fn forget(commit: &mut Commit<'_>, queue: &str) -> Result<(), QueueError> {
    for delete in [
        "delete from purlin_queue_schedules where queue = $1",
        "delete from purlin_queue_dedup where queue = $1",
        "delete from purlin_queue_rates where queue = $1",
        "delete from purlin_queue_tenants where queue = $1",
        "delete from purlin_queue_workers where queue = $1",
        "delete from purlin_queue_minutes where queue = $1 and minute > 0",
        "delete from purlin_queues where name = $1",
    ] {
        commit.tx.query(delete).bind(queue).execute().await?;
    }
    commit.forget_queue(queue);
    Ok(())
}

fn changed(commit: &mut Commit<'_>, queue: &str) {
    commit.forget_queue(queue);
    commit.wake(queue);
}

fn check(limits: &Limits) -> Result<(), QueueError> {
    let rates = [limits.rate, limits.key_rate];
    let rates_fit = rates.into_iter().flatten().all(|rate| !rate.per.is_zero());
    let mut weights = limits.tenant_weights.values();
    let weights_fit = weights.all(|weight| (1..=1000).contains(weight));
    let bounds = [
        ("rate.per", rates_fit, "more than 0"),
        ("tenant_weights", weights_fit, "1 to 1000"),
    ];
    match bounds.into_iter().find(|(_, fits, _)| !fits) {
        Some((option, _, rule)) => Err(QueueError::Option { option, rule }),
        None => Ok(()),
    }
}

fn text(settings: &impl serde::Serialize) -> String {
    serde_json::to_string(settings).expect("settings have a form in JSON")
}

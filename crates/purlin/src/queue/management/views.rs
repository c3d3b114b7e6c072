//! What can be looked at.

use axum::{
    Json,
    extract::{Path, Query, State as Shared},
};
use purlin_queue::{
    JobRecord, QueueError, State, Store,
    job::check_queue,
    store::{Child, ChildOutcome, JobsQuery, QueueSummary},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Named, NamedJob, TheStore};

/// Jobs of one page at most, and if nothing is said.
const PAGE_MAX: u32 = 100;
const PAGE_DEFAULT: u32 = 20;

/// Lines of a log that are shown with its job.
const LOG_LINES: u32 = 100;

/// Minutes of which is told what ended.
const MINUTES: u32 = 60;

/// Events of one page.
const EVENTS_MAX: u32 = 500;

pub(super) async fn queues(Shared(store): TheStore) -> Answer<Json<Value>> {
    let mut shown = Vec::new();
    for summary in store.queues().await? {
        shown.push(glance(&*store, &summary).await?);
    }
    Ok(Json(json!({ "engine": store.engine(), "items": shown })))
}

async fn glance(store: &dyn Store, queue: &QueueSummary) -> Result<Value, QueueError> {
    Ok(json!({
        "name": queue.name,
        "paused": queue.paused,
        "counts": store.counts(&queue.name).await?,
        "limits": queue.limits,
        "retention": queue.retention,
    }))
}

pub(super) async fn queue(Shared(store): TheStore, Path(name): Named) -> Answer<Json<Value>> {
    check_queue(&name)?;
    let all = store.queues().await?;
    let unknown = || QueueError::NotFound {
        queue: name.clone(),
        id: String::new(),
    };
    let summary = all.iter().find(|queue| queue.name == name);
    let mut shown = glance(&*store, summary.ok_or_else(unknown)?).await?;
    let schedules = store.schedules(&name).await?;
    let schedules = schedules.iter().map(|it| {
        json!({ "id": it.schedule.id, "name": it.schedule.name, "repeat": it.schedule.repeat,
            "next": it.next, "ticks": it.ticks })
    });
    shown["schedules"] = schedules.collect();
    shown["workers"] = json!(store.workers(&name).await?);
    shown["minutes"] = json!(store.rates(&name, MINUTES).await?);
    Ok(Json(shown))
}

/// Which jobs are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    state: Option<String>,
    name: Option<String>,
    tag: Option<String>,
    #[serde(default)]
    offset: u64,
    limit: Option<u32>,
}

pub(super) async fn jobs(
    Shared(store): TheStore,
    Path(queue): Named,
    Query(asked): Query<Asked>,
) -> Answer<Json<Value>> {
    check_queue(&queue)?;
    let states = match asked.state.as_deref() {
        None => State::ALL.to_vec(),
        Some(name) => vec![State::by_name(name).ok_or(QueueError::Option {
            option: "state",
            rule: "waiting, prioritized, delayed, active, waiting-children, completed or failed",
        })?],
    };
    let query = JobsQuery {
        queue,
        states,
        tag: asked.tag,
        name: asked.name,
        offset: asked.offset,
        max: asked.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX),
    };
    let jobs = store.jobs(query).await?;
    let items: Vec<Value> = jobs.iter().map(listed).collect();
    Ok(Json(json!({ "items": items })))
}

pub(super) async fn job(
    Shared(store): TheStore,
    Path((queue, id)): NamedJob,
) -> Answer<Json<Value>> {
    check_queue(&queue)?;
    let Some(job) = store.job(&queue, &id).await? else {
        return Err(QueueError::NotFound { queue, id }.into());
    };
    let mut shown = listed(&job);
    shown["data"] = json!(job.data);
    shown["result"] = json!(job.result);
    shown["options"] = json!(job.options);
    shown["parents"] = json!(job.parents);
    let children = store.children(&queue, &id).await?;
    shown["children"] = children.iter().map(child).collect();
    let total = store.logs(&queue, &id, 0, 0).await?.total;
    let from = total.saturating_sub(u64::from(LOG_LINES));
    shown["log"] = json!(store.logs(&queue, &id, from, LOG_LINES).await?.lines);
    Ok(Json(shown))
}

/// A job without its payload.
fn listed(job: &JobRecord) -> Value {
    json!({
        "id": job.id,
        "name": job.name,
        "version": job.version,
        "state": job.state.name(),
        "priority": job.options.priority,
        "attempts": job.options.attempts,
        "attempts_made": job.attempts_made,
        "attempts_started": job.attempts_started,
        "crashes": job.crashes,
        "progress": job.progress,
        "failure": job.failure,
        "tags": job.options.tags,
        "tenant": job.options.tenant,
        "key": job.options.key,
        "schedule": job.schedule,
        "traceparent": job.traceparent,
        "cancel_requested": job.cancel_requested,
        "created_at": job.created_at,
        "delayed_until": job.delayed_until,
        "processed_at": job.processed_at,
        "finished_at": job.finished_at,
    })
}

fn child(child: &Child) -> Value {
    let outcome = match &child.outcome {
        ChildOutcome::Pending => json!({ "state": "pending" }),
        ChildOutcome::Completed(value) => json!({ "state": "completed", "value": value }),
        ChildOutcome::Failed(failure) => json!({ "state": "failed", "failure": failure }),
    };
    json!({ "queue": child.queue, "id": child.id, "on_failure": child.on_failure, "outcome": outcome })
}

/// Since when.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Since {
    after: Option<String>,
}

pub(super) async fn events(
    Shared(store): TheStore,
    Path(queue): Named,
    Query(since): Query<Since>,
) -> Answer<Json<Value>> {
    check_queue(&queue)?;
    let (events, next) = store.events(&queue, since.after, EVENTS_MAX).await?;
    let items: Vec<Value> = events
        .iter()
        .map(|event| json!({ "at": event.at, "job": event.job, "event": event.kind }))
        .collect();
    Ok(Json(json!({ "items": items, "next": next })))
}

//! The rows of jobs that are added.

use std::collections::HashSet;

use serde::Serialize;

use super::{
    add::due,
    commit::Commit,
    moves,
    rows::{number_of, ready, state_of, write_options},
};
use crate::{
    QueueError, State,
    store::{Added, EventKind, NewJob},
};

/// What is inserted of one job.
#[derive(Serialize)]
struct NewRow<'a> {
    queue: &'a str,
    id: &'a str,
    name: &'a str,
    version: u32,
    data: &'a str,
    options: String,
    state: i64,
    priority: u32,
    position: i64,
    at: i64,
    tenant: &'a str,
    limit_key: &'a str,
    created_at: i64,
    has_parents: i64,
    dedup_key: Option<&'a str>,
    schedule: Option<&'a str>,
    traceparent: Option<&'a str>,
}

impl<'a> NewRow<'a> {
    fn of(commit: &Commit<'_>, job: &'a NewJob, schedule: Option<&'a str>) -> Self {
        let options = &job.options;
        let due = due(options.start, commit.now);
        let (state, position, at) = match due {
            _ if job.awaits_children => {
                (State::WaitingChildren, 0, moves::kept_start(options.start))
            }
            None => (ready(options.priority), commit.position(options.lifo), 0),
            Some(due) if options.lifo => (State::Delayed, -due, due),
            Some(due) => (State::Delayed, due, due),
        };
        Self {
            queue: &job.queue,
            id: &job.id,
            name: &job.name,
            version: job.version,
            data: job.data.as_str(),
            options: write_options(options),
            state: number_of(state),
            priority: options.priority,
            position,
            at,
            tenant: options.tenant.as_deref().unwrap_or_default(),
            limit_key: options.key.as_deref().unwrap_or_default(),
            created_at: commit.now,
            has_parents: i64::from(!job.parents.is_empty()),
            dedup_key: options.dedup.as_ref().map(|dedup| dedup.key.as_str()),
            schedule,
            traceparent: job.traceparent.as_deref(),
        }
    }
}

/// Inserts one job, which may be a tick of `schedule`.
pub(super) async fn insert_one(
    commit: &mut Commit<'_>,
    job: &NewJob,
    schedule: Option<&str>,
) -> Result<Added, QueueError> {
    ensure_queue(commit, job).await?;
    let row = NewRow::of(commit, job, schedule);
    let state = row.state;
    let is_new = put(commit, row).await?;
    if is_new {
        finish(commit, job, state).await?;
    }
    Ok(answer(commit, job, is_new))
}

/// Inserts jobs that have to do with no others.
pub(super) async fn insert(
    commit: &mut Commit<'_>,
    jobs: &[&NewJob],
) -> Result<Vec<Added>, QueueError> {
    let mut added = Vec::with_capacity(jobs.len());
    if commit.core.is_sqlite() || jobs.len() == 1 {
        for job in jobs {
            added.push(insert_one(commit, job, None).await?);
        }
        return Ok(added);
    }
    for job in jobs {
        ensure_queue(commit, job).await?;
    }
    let rows: Vec<NewRow<'_>> = jobs
        .iter()
        .map(|job| NewRow::of(commit, job, None))
        .collect();
    let mut put = put_many(commit, &rows).await?;
    let states: Vec<i64> = rows.iter().map(|row| row.state).collect();
    for (job, state) in jobs.iter().zip(states) {
        let is_new = put.remove(&(job.queue.clone(), job.id.clone()));
        if is_new {
            finish(commit, job, state).await?;
        }
        added.push(answer(commit, job, is_new));
    }
    Ok(added)
}

/// Whether there is such a job.
pub(super) async fn exists(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<bool, QueueError> {
    let found = commit
        .tx
        .query("select seq from purlin_jobs where queue = $1 and id = $2")
        .bind(queue)
        .bind(id)
        .fetch_optional::<(i64,)>()
        .await?;
    Ok(found.is_some())
}

fn answer(commit: &mut Commit<'_>, job: &NewJob, is_new: bool) -> Added {
    if !is_new {
        return was_there(commit, job);
    }
    Added {
        id: job.id.clone(),
        is_new,
    }
}

/// The answer to an add whose id there is already.
pub(super) fn was_there(commit: &mut Commit<'_>, job: &NewJob) -> Added {
    commit.note(&job.queue, &job.id, &EventKind::Deduplicated);
    Added {
        id: job.id.clone(),
        is_new: false,
    }
}

/// What follows the insertion of a row.
async fn finish(commit: &mut Commit<'_>, job: &NewJob, state: i64) -> Result<(), QueueError> {
    for tag in &job.options.tags {
        commit
            .tx
            .query(
                "insert into purlin_job_tags (queue, tag, id) values ($1, $2, $3)
                 on conflict (queue, tag, id) do nothing",
            )
            .bind(&job.queue)
            .bind(tag)
            .bind(&job.id)
            .execute()
            .await?;
    }
    commit.note(&job.queue, &job.id, &EventKind::Added);
    let kind = match state_of(state) {
        State::Delayed => EventKind::Delayed,
        State::WaitingChildren => EventKind::WaitingChildren,
        _ => EventKind::Waiting,
    };
    commit.note(&job.queue, &job.id, &kind);
    if kind == EventKind::Waiting {
        commit.wake(&job.queue);
    }
    Ok(())
}

/// Makes sure that the queue is known, and known to have lanes if the job is in one.
async fn ensure_queue(commit: &mut Commit<'_>, job: &NewJob) -> Result<(), QueueError> {
    let lanes = job.options.tenant.is_some() || job.options.key.is_some();
    let known = commit.queue(&job.queue).await?;
    if known.exists && (known.lanes || !lanes) {
        return Ok(());
    }
    mark_queue(commit, &job.queue, lanes).await
}

/// Makes a queue known; with `lanes`, as one some of whose jobs have a tenant or a limit key.
pub(super) async fn mark_queue(
    commit: &mut Commit<'_>,
    queue: &str,
    lanes: bool,
) -> Result<(), QueueError> {
    commit
        .tx
        .query(
            "insert into purlin_queues (name, lanes) values ($1, $2) on conflict (name) do update
             set lanes = case when excluded.lanes > purlin_queues.lanes then excluded.lanes
                              else purlin_queues.lanes end",
        )
        .bind(queue)
        .bind(i64::from(lanes))
        .execute()
        .await?;
    commit.forget_queue(queue);
    Ok(())
}

/// Inserts a row; false: there is a job of that id already.
async fn put(commit: &mut Commit<'_>, row: NewRow<'_>) -> Result<bool, QueueError> {
    let inserted = commit
        .tx
        .query(
            "insert into purlin_jobs (queue, id, name, version, data, options, state, priority, position, at,
                                      tenant, limit_key, created_at, has_parents, dedup_key, schedule, traceparent)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             on conflict (queue, id) do nothing",
        )
        .bind(row.queue)
        .bind(row.id)
        .bind(row.name)
        .bind(row.version)
        .bind(row.data)
        .bind(row.options)
        .bind(row.state)
        .bind(row.priority)
        .bind(row.position)
        .bind(row.at)
        .bind(row.tenant)
        .bind(row.limit_key)
        .bind(row.created_at)
        .bind(row.has_parents)
        .bind(row.dedup_key)
        .bind(row.schedule)
        .bind(row.traceparent)
        .execute()
        .await?;
    Ok(inserted == 1)
}

/// Inserts rows with one statement of Postgres; the queues and ids that were not there yet.
async fn put_many(
    commit: &mut Commit<'_>,
    rows: &[NewRow<'_>],
) -> Result<HashSet<(String, String)>, QueueError> {
    let inserted = commit
        .tx
        .query(
            "insert into purlin_jobs (queue, id, name, version, data, options, state, priority, position, at,
                                      tenant, limit_key, created_at, has_parents, dedup_key, schedule, traceparent)
             select queue, id, name, version, data, options, state, priority, position, at,
                    tenant, limit_key, created_at, has_parents, dedup_key, schedule, traceparent
             from jsonb_to_recordset($1::jsonb) as new (
                 queue text, id text, name text, version bigint, data text, options text, state bigint,
                 priority bigint, position bigint, at bigint, tenant text, limit_key text, created_at bigint,
                 has_parents bigint, dedup_key text, schedule text, traceparent text)
             on conflict (queue, id) do nothing
             returning queue, id",
        )
        .bind(purlin_sql::Json(rows))
        .fetch_all::<(String, String)>()
        .await?;
    Ok(inserted.into_iter().collect())
}

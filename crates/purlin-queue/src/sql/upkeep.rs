//! What time brings.

use std::{sync::Arc, time::Duration};

use super::{
    commit::Commit,
    core::Core,
    events,
    finish::{self, note_state},
    keep,
    rows::{JobRow, job_columns, number_of, ready},
    schedule,
};
use crate::{
    QueueError, State,
    store::{EventKind, Retention, Upkeep},
};

/// Jobs that one call touches of each kind at most.
const UPKEEP_MAX: u32 = 1000;

/// Promotes, reaps, ticks and drops, each at most `max`.
pub(super) async fn upkeep(
    core: &Arc<Core>,
    queue: String,
    max: u32,
) -> Result<Upkeep, QueueError> {
    let max = max.min(UPKEEP_MAX);
    core.commit(move |commit| {
        let queue = queue.clone();
        Box::pin(async move {
            let promoted = promote(commit, &queue, max).await?;
            let reaped = reap(commit, &queue, max).await?;
            let (ticks, next_tick) = schedule::tick(commit, &queue, max).await?;
            let dropped = retain(commit, &queue, max).await?;
            events::trim(commit, &queue, max).await?;
            find_lanes(commit, &queue).await?;
            Ok(Upkeep {
                promoted,
                reaped,
                ticks,
                dropped,
                next: next(commit, &queue, next_tick).await?,
            })
        })
    })
    .await
}

/// Delayed jobs that are due become ready, as if they had come when they were.
async fn promote(commit: &mut Commit<'_>, queue: &str, max: u32) -> Result<u32, QueueError> {
    let rows = due(commit, queue, State::Delayed, max).await?;
    for row in &rows {
        let state = ready(row.priority);
        commit
            .tx
            .query("update purlin_jobs set state = $2, at = 0, position = $3 where seq = $1")
            .bind(row.seq)
            .bind(number_of(state))
            .bind(if row.position < 0 { -row.at } else { row.at })
            .execute()
            .await?;
        note_state(commit, row, state);
    }
    Ok(count(&rows))
}

/// Attempts whose lease has run out are taken from their workers.
async fn reap(commit: &mut Commit<'_>, queue: &str, max: u32) -> Result<u32, QueueError> {
    let lease = commit.core.leases.get();
    if !commit.core.time.may_reap(commit.now, lease) {
        return Ok(0);
    }
    let rows = due(commit, queue, State::Active, max).await?;
    for row in &rows {
        commit.note(&row.queue, &row.id, &EventKind::Stalled);
        if row.crashes + 1 >= row.options().crashes_max {
            finish::poison(commit, row).await?;
            continue;
        }
        let state = ready(row.priority);
        commit
            .tx
            .query(
                "update purlin_jobs set state = $2, at = 0, crashes = crashes + 1 where seq = $1",
            )
            .bind(row.seq)
            .bind(number_of(state))
            .execute()
            .await?;
        note_state(commit, row, state);
    }
    Ok(count(&rows))
}

/// Jobs in `state` whose moment has come, the earliest first; on Postgres those that nobody else
/// has in hand.
async fn due(
    commit: &mut Commit<'_>,
    queue: &str,
    state: State,
    max: u32,
) -> Result<Vec<JobRow>, QueueError> {
    let due = if commit.core.is_sqlite() {
        concat!(
            "select ",
            job_columns!(),
            " from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = $2 and at <= $3 \
              order by at, seq limit $4"
        )
    } else {
        concat!(
            "select ",
            job_columns!(),
            " from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = $2 and at <= $3 \
              order by at, seq limit $4 for update skip locked"
        )
    };
    let rows = commit
        .tx
        .query(due)
        .bind(queue)
        .bind(number_of(state))
        .bind(commit.now)
        .bind(max)
        .fetch_all::<JobRow>()
        .await?;
    Ok(rows)
}

/// Finished jobs that are kept no longer are dropped.
async fn retain(commit: &mut Commit<'_>, queue: &str, max: u32) -> Result<u32, QueueError> {
    let kept = commit
        .tx
        .query("select retention from purlin_queues where name = $1")
        .bind(queue)
        .fetch_optional::<(Option<String>,)>()
        .await?;
    let retention: Retention = kept
        .and_then(|(retention,)| retention)
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let completed = keep::trim(commit, queue, State::Completed, retention.completed, max).await?;
    let completed = u32::try_from(completed).unwrap_or(max);
    let left = max.saturating_sub(completed);
    let failed = keep::trim(commit, queue, State::Failed, retention.failed, left).await?;
    Ok(completed + u32::try_from(failed).unwrap_or(left))
}

/// Marks a queue that has jobs in lanes, should its mark have been lost: it is made by an add, and
/// an add may have met the removal of everything.
async fn find_lanes(commit: &mut Commit<'_>, queue: &str) -> Result<(), QueueError> {
    if commit.queue(queue).await?.lanes {
        return Ok(());
    }
    let found = commit
        .tx
        .query(
            "select seq from purlin_jobs where queue = $1 and state in (0, 1) and (tenant, limit_key) > ('', '')
             limit 1",
        )
        .bind(queue)
        .fetch_optional::<(i64,)>()
        .await?;
    if found.is_some() {
        super::insert::mark_queue(commit, queue, true).await?;
    }
    Ok(())
}

/// When time brings something next.
async fn next(
    commit: &mut Commit<'_>,
    queue: &str,
    tick: Option<i64>,
) -> Result<Option<Duration>, QueueError> {
    let mut earliest = tick;
    for state in [State::Delayed, State::Active] {
        let found = commit
            .tx
            .query(
                "select at from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = $2
                 order by at limit 1",
            )
            .bind(queue)
            .bind(number_of(state))
            .fetch_optional::<(i64,)>()
            .await?;
        earliest = earliest.into_iter().chain(found.map(|(at,)| at)).min();
    }
    let wait = |at: i64| Duration::from_micros(at.saturating_sub(commit.now).max(0).unsigned_abs());
    Ok(earliest.map(wait))
}

fn count(rows: &[JobRow]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

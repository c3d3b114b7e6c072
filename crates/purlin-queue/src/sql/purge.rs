//! Dropping jobs, with everything that is kept of them.

use purlin_sql::Json;

use super::{commit::Commit, rows::number_of, time::micros};
use crate::{Keep, QueueError, State, store::EventKind};

/// Finished jobs that one trimming drops at most.
pub(super) const TRIM_MAX: u32 = 1000;

/// Drops the rows of jobs and all that belongs to them alone. What their end means to other jobs
/// is the caller's to tell, before.
pub(super) async fn remove(
    commit: &mut Commit<'_>,
    queue: &str,
    ids: &[&str],
) -> Result<(), QueueError> {
    let statements = if commit.core.is_sqlite() {
        &SQLITE_REMOVE
    } else {
        &POSTGRES_REMOVE
    };
    for statement in statements {
        commit
            .tx
            .query(*statement)
            .bind(queue)
            .bind(Json(ids))
            .execute()
            .await?;
    }
    Ok(())
}

const SQLITE_REMOVE: [&str; 5] = [
    "delete from purlin_jobs where queue = $1 and id in (select value from json_each($2))",
    "delete from purlin_job_logs where queue = $1 and id in (select value from json_each($2))",
    "delete from purlin_job_steps where queue = $1 and id in (select value from json_each($2))",
    "delete from purlin_job_children where parent_queue = $1 and parent_id in (select value from json_each($2))",
    "delete from purlin_job_tags where queue = $1 and id in (select value from json_each($2))",
];

const POSTGRES_REMOVE: [&str; 5] = [
    "delete from purlin_jobs where queue = $1 and id in (select jsonb_array_elements_text($2::jsonb))",
    "delete from purlin_job_logs where queue = $1 and id in (select jsonb_array_elements_text($2::jsonb))",
    "delete from purlin_job_steps where queue = $1 and id in (select jsonb_array_elements_text($2::jsonb))",
    "delete from purlin_job_children
     where parent_queue = $1 and parent_id in (select jsonb_array_elements_text($2::jsonb))",
    "delete from purlin_job_tags where queue = $1 and id in (select jsonb_array_elements_text($2::jsonb))",
];

/// Drops finished jobs of `queue` that `keep` does not allow, the oldest first, at most `max`; how
/// many.
pub(super) async fn trim(
    commit: &mut Commit<'_>,
    queue: &str,
    state: State,
    keep: Keep,
    max: u32,
) -> Result<u32, QueueError> {
    let mut dropped = 0;
    if let Some(age) = keep.age {
        let before = commit.now.saturating_sub(micros(age));
        dropped += drop_before(commit, queue, state, before, max).await?;
    }
    if let Some(count) = keep.count {
        dropped += drop_beyond(commit, queue, state, count, max - dropped).await?;
    }
    Ok(dropped)
}

async fn drop_before(
    commit: &mut Commit<'_>,
    queue: &str,
    state: State,
    before: i64,
    max: u32,
) -> Result<u32, QueueError> {
    let old = commit
        .tx
        .query(
            "select id from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = $2 and at <= $3
             order by at, seq limit $4",
        )
        .bind(queue)
        .bind(number_of(state))
        .bind(before)
        .bind(max)
        .fetch_all::<(String,)>()
        .await?;
    drop_all(commit, queue, old).await
}

async fn drop_beyond(
    commit: &mut Commit<'_>,
    queue: &str,
    state: State,
    count: u64,
    max: u32,
) -> Result<u32, QueueError> {
    let newest_beyond = commit
        .tx
        .query(
            "select at, seq from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = $2
             order by at desc, seq desc limit 1 offset $3",
        )
        .bind(queue)
        .bind(number_of(state))
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_optional::<(i64, i64)>()
        .await?;
    let Some((at, seq)) = newest_beyond else {
        return Ok(0);
    };
    let old = commit
        .tx
        .query(
            "select id from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = $2
               and (at, seq) <= ($3, $4)
             order by at, seq limit $5",
        )
        .bind(queue)
        .bind(number_of(state))
        .bind(at)
        .bind(seq)
        .bind(max)
        .fetch_all::<(String,)>()
        .await?;
    drop_all(commit, queue, old).await
}

async fn drop_all(
    commit: &mut Commit<'_>,
    queue: &str,
    jobs: Vec<(String,)>,
) -> Result<u32, QueueError> {
    if jobs.is_empty() {
        return Ok(0);
    }
    let ids: Vec<&str> = jobs.iter().map(|(id,)| id.as_str()).collect();
    remove(commit, queue, &ids).await?;
    for id in &ids {
        commit.note(queue, id, &EventKind::Removed);
    }
    Ok(u32::try_from(ids.len()).unwrap_or(u32::MAX))
}

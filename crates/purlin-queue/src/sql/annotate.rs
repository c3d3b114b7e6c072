//! What running attempts note.

use std::sync::Arc;

use super::{commit::Commit, core::Core, rows::cut};
use crate::{
    Payload, QueueError,
    store::{Annotation, EventKind, Lease},
};

/// Lines of a job's log that are kept, the newest.
const LINES_MAX: i64 = 1000;

/// Steps of a job.
const STEPS_MAX: i64 = 100;

/// Notes something about a running attempt.
pub(super) async fn annotate(
    core: &Arc<Core>,
    lease: Lease,
    what: Annotation,
) -> Result<(), QueueError> {
    let noted = Arc::new((lease, what));
    core.commit(move |commit| {
        let noted = Arc::clone(&noted);
        Box::pin(async move {
            let (lease, what) = &*noted;
            match what {
                Annotation::Progress(progress) => {
                    set_progress(commit, lease, progress).await?;
                    let kind = EventKind::Progress(progress.clone());
                    commit.note(&lease.queue, &lease.id, &kind);
                    Ok(())
                }
                Annotation::Data(data) => set_data(commit, lease, data).await,
                Annotation::Log(line) => add_line(commit, lease, line).await,
                Annotation::Step { name, result } => add_step(commit, lease, name, result).await,
            }
        })
    })
    .await
}

async fn set_progress(
    commit: &mut Commit<'_>,
    lease: &Lease,
    progress: &Payload,
) -> Result<(), QueueError> {
    let set = "update purlin_jobs set progress = $4
               where queue = $1 and id = $2 and fence = $3 and state = 3";
    set_one(commit, lease, set, progress).await
}

async fn set_data(
    commit: &mut Commit<'_>,
    lease: &Lease,
    data: &Payload,
) -> Result<(), QueueError> {
    let set = "update purlin_jobs set data = $4
               where queue = $1 and id = $2 and fence = $3 and state = 3";
    set_one(commit, lease, set, data).await
}

async fn set_one(
    commit: &mut Commit<'_>,
    lease: &Lease,
    set: &'static str,
    value: &Payload,
) -> Result<(), QueueError> {
    let changed = commit
        .tx
        .query(set)
        .bind(&lease.queue)
        .bind(&lease.id)
        .bind(lease.fence.cast_signed())
        .bind(value.as_str())
        .execute()
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(lost(lease))
    }
}

fn lost(lease: &Lease) -> QueueError {
    QueueError::LeaseLost {
        id: lease.id.clone(),
    }
}

/// Refuses what comes from an attempt that is no longer the job's own. On Postgres the job stays
/// as it is until the commit.
async fn check(commit: &mut Commit<'_>, lease: &Lease) -> Result<(), QueueError> {
    let held = if commit.core.is_sqlite() {
        "select seq from purlin_jobs where queue = $1 and id = $2 and fence = $3 and state = 3"
    } else {
        "select seq from purlin_jobs where queue = $1 and id = $2 and fence = $3 and state = 3 for update"
    };
    let found = commit
        .tx
        .query(held)
        .bind(&lease.queue)
        .bind(&lease.id)
        .bind(lease.fence.cast_signed())
        .fetch_optional::<(i64,)>()
        .await?;
    found.map(|_| ()).ok_or_else(|| lost(lease))
}

async fn add_line(commit: &mut Commit<'_>, lease: &Lease, line: &str) -> Result<(), QueueError> {
    check(commit, lease).await?;
    log(commit, &lease.queue, &lease.id, line).await
}

/// Adds a line to a job's log.
pub(super) async fn log(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
    line: &str,
) -> Result<(), QueueError> {
    let (n,) = commit
        .tx
        .query(
            "insert into purlin_job_logs (queue, id, n, line)
             select $1, $2, coalesce(max(n), 0) + 1, $3 from purlin_job_logs where queue = $1 and id = $2
             returning n",
        )
        .bind(queue)
        .bind(id)
        .bind(cut(line))
        .fetch_one::<(i64,)>()
        .await?;
    if n > LINES_MAX {
        commit
            .tx
            .query("delete from purlin_job_logs where queue = $1 and id = $2 and n <= $3")
            .bind(queue)
            .bind(id)
            .bind(n - LINES_MAX)
            .execute()
            .await?;
    }
    Ok(())
}

async fn add_step(
    commit: &mut Commit<'_>,
    lease: &Lease,
    name: &str,
    result: &Payload,
) -> Result<(), QueueError> {
    check(commit, lease).await?;
    let (others,) = commit
        .tx
        .query("select count(*) from purlin_job_steps where queue = $1 and id = $2 and name <> $3")
        .bind(&lease.queue)
        .bind(&lease.id)
        .bind(name)
        .fetch_one::<(i64,)>()
        .await?;
    if others >= STEPS_MAX {
        return Err(QueueError::Option {
            option: "steps",
            rule: "at most 100 a job",
        });
    }
    commit
        .tx
        .query(
            "insert into purlin_job_steps (queue, id, name, result) values ($1, $2, $3, $4)
             on conflict (queue, id, name) do update set result = excluded.result",
        )
        .bind(&lease.queue)
        .bind(&lease.id)
        .bind(name)
        .bind(result.as_str())
        .execute()
        .await?;
    Ok(())
}

/// The results of a job's steps, by their names.
pub(super) async fn steps(
    core: &Arc<Core>,
    lease: Lease,
) -> Result<Vec<(String, Payload)>, QueueError> {
    let rows = core
        .db
        .read()
        .query(
            "select step.name, step.result from purlin_jobs as job
             left join purlin_job_steps as step on step.queue = job.queue and step.id = job.id
             where job.queue = $1 and job.id = $2 and job.fence = $3 and job.state = 3
             order by step.name limit 100",
        )
        .bind(&lease.queue)
        .bind(&lease.id)
        .bind(lease.fence.cast_signed())
        .fetch_all::<(Option<String>, Option<String>)>()
        .await?;
    if rows.is_empty() {
        return Err(lost(&lease));
    }
    let step = |(name, result): (Option<String>, Option<String>)| {
        Some((name?, Payload::from_json(result?)))
    };
    Ok(rows.into_iter().filter_map(step).collect())
}

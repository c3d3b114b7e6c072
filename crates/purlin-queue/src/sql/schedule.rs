//! Jobs that come again and again.
//!
//! A tick is a job whose id is made of the schedule's id and the moment, and the schedule's row
//! moves on in the commit that adds it, from the moment it was read at: so any number of processes
//! may make the ticks, and each tick is made once.

use std::sync::Arc;

use purlin_base::Timestamp;

use super::{add, commit::Commit, core::Core, gone, moves, operate};
use crate::{
    QueueError, State,
    schedule::{due, first, job_of, replaced},
    store::{Overlap, Schedule, ScheduleState},
};

mod stored;

use stored::Stored;

/// Adds or replaces a schedule; the time of its next tick.
pub(super) async fn upsert(core: &Arc<Core>, schedule: Schedule) -> Result<Timestamp, QueueError> {
    let schedule = Arc::new(schedule);
    core.commit(move |commit| {
        let schedule = Arc::clone(&schedule);
        Box::pin(async move { put(commit, &schedule).await })
    })
    .await
}

async fn put(commit: &mut Commit<'_>, schedule: &Schedule) -> Result<Timestamp, QueueError> {
    let now = Timestamp::from_unix_micros(commit.now);
    let old = stored::find(commit, &schedule.queue, &schedule.id).await?;
    let next = match &old {
        Some(old) => replaced(&old.schedule, old.next(), schedule, now)?,
        None => first(schedule, now)?,
    };
    let ticks = old.map_or(0, |old| old.ticks);
    if schedule.limit.is_some_and(|limit| ticks >= limit) {
        return Err(QueueError::Schedule {
            id: schedule.id.clone(),
            reason: format!("it has made the {ticks} ticks of its limit"),
        });
    }
    operate::ensure(commit, &schedule.queue).await?;
    stored::put(commit, schedule, next).await?;
    commit.wake(&schedule.queue);
    Ok(next)
}

/// Removes a schedule and its tick that waits; whether it was there.
pub(super) async fn remove(
    core: &Arc<Core>,
    queue: String,
    id: String,
) -> Result<bool, QueueError> {
    core.commit(move |commit| {
        let (queue, id) = (queue.clone(), id.clone());
        Box::pin(async move {
            let delete = "delete from purlin_queue_schedules where queue = $1 and id = $2 \
                          returning last_job";
            let delete = commit.tx.query(delete).bind(&queue).bind(&id);
            let Some((last,)) = delete.fetch_optional::<(Option<String>,)>().await? else {
                return Ok(false);
            };
            if let Some(last) = last {
                remove_waiting(commit, &queue, &id, &last).await?;
            }
            Ok(true)
        })
    })
    .await
}

/// Removes the tick `job` of the schedule `id`, unless it was started.
async fn remove_waiting(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
    job: &str,
) -> Result<(), QueueError> {
    let last = moves::find(commit, queue, job).await?;
    let waits = |state: State| state.is_ready() || state == State::Delayed;
    match last {
        Some(last) if waits(last.state) && last.schedule.as_deref() == Some(id) => {
            gone::remove(commit, vec![last.into()]).await
        }
        _ => Ok(()),
    }
}

/// The schedules of a queue, by id.
pub(super) async fn list(
    core: &Arc<Core>,
    queue: String,
) -> Result<Vec<ScheduleState>, QueueError> {
    let rows = core.db.read().query(stored::all(&queue));
    let rows = rows.fetch_all::<stored::Row>().await?;
    rows.into_iter()
        .map(|row| Stored::read(row).map(Stored::state))
        .collect()
}

/// A part of upkeep: adds the ticks of `queue` that are due, at most `max`; how many were added,
/// and the moment of the next one. A paused queue makes none.
pub(super) async fn tick(
    commit: &mut Commit<'_>,
    queue: &str,
    max: u32,
) -> Result<(u32, Option<i64>), QueueError> {
    if commit.queue(queue).await?.paused {
        return Ok((0, None));
    }
    let mut made = 0;
    for id in stored::due(commit, queue, max).await? {
        if made == max {
            break;
        }
        match stored::find(commit, queue, &id).await {
            Ok(Some(schedule)) => made += tick_one(commit, schedule, max - made).await?,
            Ok(None) => {}
            Err(error @ QueueError::Payload { .. }) => stop(commit, queue, &id, &error).await?,
            Err(error) => return Err(error),
        }
    }
    Ok((made, stored::next(commit, queue).await?))
}

/// Makes what is due of one schedule, at most `max` ticks; how many.
async fn tick_one(
    commit: &mut Commit<'_>,
    mut stored: Stored,
    max: u32,
) -> Result<u32, QueueError> {
    let now = Timestamp::from_unix_micros(commit.now);
    // Whoever was first may have moved it on.
    let Some(next) = stored.next().filter(|next| *next <= now) else {
        return Ok(0);
    };
    let due = match due(&stored.schedule, next, now, stored.ticks, max) {
        Ok(due) => due,
        Err(error) => {
            let Schedule { queue, id, .. } = &stored.schedule;
            return stop(commit, queue, id, &error).await.map(|()| 0);
        }
    };
    let mut made = 0;
    for at in due.ticks {
        if stored.schedule.overlap == Overlap::Skip && last_runs(commit, &stored).await? {
            continue;
        }
        let job = job_of(&stored.schedule, at);
        let added = add::add_one(commit, &job, Some(&stored.schedule.id)).await?;
        made += u32::from(added.is_new);
        stored.last_job = Some(added.id);
    }
    stored.ticks += u64::from(made);
    stored::move_on(commit, &stored, next, due.next).await?;
    Ok(made)
}

/// A schedule that cannot be read or reckoned with makes no ticks until it is put in again: it must
/// not keep the others of the queue from theirs.
async fn stop(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
    error: &QueueError,
) -> Result<(), QueueError> {
    tracing::error!(
        target: "purlin::queue",
        queue,
        schedule = id,
        %error,
        "a schedule makes no ticks any more"
    );
    stored::stop(commit, queue, id).await
}

/// Whether the job of the last tick has not ended.
async fn last_runs(commit: &mut Commit<'_>, stored: &Stored) -> Result<bool, QueueError> {
    let Some(id) = &stored.last_job else {
        return Ok(false);
    };
    let select = "select 1 from purlin_jobs where queue = $1 and id = $2 and state < 5";
    let select = commit.tx.query(select).bind(&stored.schedule.queue);
    let found = select.bind(id).fetch_optional::<(i64,)>().await?;
    Ok(found.is_some())
}

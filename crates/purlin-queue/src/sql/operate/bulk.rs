//! What is done to many jobs of a queue, in commits of a few hundred.

use std::{sync::Arc, time::Duration};

use purlin_sql::Query;

use super::{redrive, settings};
use crate::{
    QueueError, State,
    sql::{
        commit::Commit,
        core::Core,
        gone::{self, Gone},
        moves,
        rows::{JobRow, number_of},
        time::micros,
    },
};

/// Jobs of one commit: few enough that others need not wait long.
const JOBS_AT_ONCE: u32 = 500;

/// What is done, and to which jobs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bulk {
    Drain { delayed: bool },
    Clean { state: State, grace: Duration },
    Retry { state: State },
    Promote,
    Obliterate { force: bool },
}

impl Bulk {
    /// # Errors
    ///
    /// For jobs that run.
    pub(super) fn clean(state: State, grace: Duration) -> Result<Self, QueueError> {
        if state == State::Active {
            return Err(wrong_state("any but active"));
        }
        Ok(Self::Clean { state, grace })
    }

    /// # Errors
    ///
    /// For jobs that are not finished.
    pub(super) fn retry(state: State) -> Result<Self, QueueError> {
        if !state.is_finished() {
            return Err(wrong_state("completed or failed"));
        }
        Ok(Self::Retry { state })
    }
}

fn wrong_state(rule: &'static str) -> QueueError {
    QueueError::Option {
        option: "state",
        rule,
    }
}

/// Does it to at most `max` jobs; to how many.
pub(super) async fn run(
    core: &Arc<Core>,
    queue: String,
    bulk: Bulk,
    max: u32,
) -> Result<u64, QueueError> {
    let mut done = 0;
    loop {
        let some = JOBS_AT_ONCE.min(max - done);
        let queue = queue.clone();
        let step = core.commit(move |commit| {
            let queue = queue.clone();
            Box::pin(async move { step(commit, &queue, bulk, some).await })
        });
        let touched = step.await?;
        done += touched;
        if touched < some || done == max {
            return Ok(done.into());
        }
    }
}

/// Does it to at most `max` jobs, in one commit; to how many.
async fn step(
    commit: &mut Commit<'_>,
    queue: &str,
    bulk: Bulk,
    max: u32,
) -> Result<u32, QueueError> {
    let rows = match bulk {
        Bulk::Drain { delayed } => drained(commit, queue, delayed, max).await?,
        Bulk::Clean { state, grace } => {
            let before = commit.now.saturating_sub(micros(grace));
            moves::select(commit, old(queue, state, before, max)).await?
        }
        Bulk::Retry { state } => moves::select(commit, oldest(queue, state, max)).await?,
        Bulk::Promote => moves::select(commit, oldest(queue, State::Delayed, max)).await?,
        Bulk::Obliterate { force } => every(commit, queue, force, max).await?,
    };
    let touched = u32::try_from(rows.len()).unwrap_or(max);
    match bulk {
        Bulk::Retry { .. } => {
            for row in &rows {
                redrive(commit, row).await?;
            }
        }
        Bulk::Promote => {
            for row in &rows {
                moves::to_ready(commit, row).await?;
            }
        }
        _ => remove(commit, rows).await?,
    }
    if matches!(bulk, Bulk::Obliterate { .. }) && touched < max {
        settings::forget(commit, queue).await?;
    }
    Ok(touched)
}

async fn remove(commit: &mut Commit<'_>, rows: Vec<JobRow>) -> Result<(), QueueError> {
    gone::remove(commit, rows.into_iter().map(Gone::from).collect()).await
}

/// Jobs that are delayed, active or finished, by an index that is found by these words.
fn timed(queue: &str, state: State) -> Query {
    Query::new("where queue = $1 and state = $2 and state in (2, 3, 5, 6)")
        .bind(queue)
        .bind(number_of(state))
}

fn oldest(queue: &str, state: State, max: u32) -> Query {
    timed(queue, state).push(Query::new(" order by at, seq limit $1").bind(max))
}

/// Jobs that are ready, as they would be claimed, then those that are delayed; ticks of schedules
/// stay.
async fn drained(
    commit: &mut Commit<'_>,
    queue: &str,
    delayed: bool,
    max: u32,
) -> Result<Vec<JobRow>, QueueError> {
    // Without lanes the index of ready jobs holds them in this order.
    let lane = match commit.queue(queue).await?.lanes {
        true => "where queue = $1 and state in (0, 1) and tenant >= ''",
        false => "where queue = $1 and state in (0, 1) and tenant = '' and limit_key = ''",
    };
    let first = " and schedule is null order by priority, position, seq limit $1";
    let ready = Query::new(lane).bind(queue);
    let ready = ready.push(Query::new(first).bind(max));
    let mut rows = moves::select(commit, ready).await?;
    let left = i64::from(max) - i64::try_from(rows.len()).unwrap_or(0);
    if delayed && left > 0 {
        let rest = Query::new(" and schedule is null order by seq limit $1").bind(left);
        let later = timed(queue, State::Delayed).push(rest);
        rows.extend(moves::select(commit, later).await?);
    }
    Ok(rows)
}

/// Jobs in `state` that finished, or else were added, at `before` or earlier, the oldest first.
fn old(queue: &str, state: State, before: i64, max: u32) -> Query {
    let all = match state {
        State::Waiting | State::Prioritized => {
            Query::new("where queue = $1 and state = $2 and state in (0, 1) and tenant >= ''")
                .bind(queue)
                .bind(number_of(state))
        }
        State::WaitingChildren => Query::new("where queue = $1 and state = 4").bind(queue),
        _ => timed(queue, state),
    };
    let old = match state.is_finished() {
        true => " and at <= $1 order by at, seq limit $2",
        false => " and created_at <= $1 order by created_at, seq limit $2",
    };
    all.push(Query::new(old).bind(before).bind(max))
}

/// Jobs of the queue, whatever their state.
async fn every(
    commit: &mut Commit<'_>,
    queue: &str,
    force: bool,
    max: u32,
) -> Result<Vec<JobRow>, QueueError> {
    let active = timed(queue, State::Active).push(" limit 1");
    if !force && let Some(row) = moves::select(commit, active).await?.first() {
        return Err(super::refused(row, "obliterated"));
    }
    let all = Query::new("where queue = $1 order by id limit $2").bind(queue);
    moves::select(commit, all.bind(max)).await
}

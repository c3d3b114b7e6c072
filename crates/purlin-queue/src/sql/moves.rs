//! What is done to a job by others than its worker: one change of state each.

use purlin_base::Timestamp;
use purlin_sql::Query;

use super::{
    commit::{Commit, Ended, Outcome},
    rows::{JobRow, cut, job_columns, number_of, ready, word},
};
use crate::{
    QueueError, State,
    job::{Failure, Start},
    store::EventKind,
};

/// The job of that id, kept from others until the commit.
pub(super) async fn find(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<Option<JobRow>, QueueError> {
    let one = Query::new("where queue = $1 and id = $2");
    let found = select(commit, one.bind(queue).bind(id)).await?;
    Ok(found.into_iter().next())
}

/// The job of that id, which must be there.
pub(super) async fn expect(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<JobRow, QueueError> {
    let found = find(commit, queue, id).await?;
    found.ok_or_else(|| QueueError::NotFound {
        queue: queue.to_owned(),
        id: id.to_owned(),
    })
}

/// The jobs that `which` (`where … order by … limit …`) names, kept from others until the commit.
pub(super) async fn select(
    commit: &mut Commit<'_>,
    which: Query,
) -> Result<Vec<JobRow>, QueueError> {
    let select = concat!("select ", job_columns!(), " from purlin_jobs ");
    let mut select = Query::new(select).push(which);
    if !commit.core.is_sqlite() {
        select = select.push(" for update");
    }
    Ok(commit.tx.query(select).fetch_all::<JobRow>().await?)
}

/// Makes a job ready, behind all that came before; for lifo in front of them.
pub(super) async fn to_ready(commit: &mut Commit<'_>, row: &JobRow) -> Result<(), QueueError> {
    let position = commit.position(row.options().lifo);
    let update = "update purlin_jobs set state = $2, position = $3, at = 0 where seq = $1";
    let update = commit.tx.query(update).bind(row.seq);
    let update = update.bind(number_of(ready(row.priority)));
    update.bind(position).execute().await?;
    commit.note(&row.queue, &row.id, &EventKind::Waiting);
    commit.wake(&row.queue);
    Ok(())
}

/// Makes a job wait until `until`; a moment that has come makes it ready.
pub(super) async fn to_delayed(
    commit: &mut Commit<'_>,
    row: &JobRow,
    until: i64,
) -> Result<(), QueueError> {
    if until <= commit.now {
        return to_ready(commit, row).await;
    }
    let position = if row.options().lifo { -until } else { until };
    let update = "update purlin_jobs set state = 2, position = $2, at = $3 where seq = $1";
    let update = commit.tx.query(update).bind(row.seq);
    update.bind(position).bind(until).execute().await?;
    commit.note(&row.queue, &row.id, &EventKind::Delayed);
    Ok(())
}

/// Ends a job without a result. What follows from it is the caller's: [`Commit::ended`].
pub(super) async fn to_failed(
    commit: &mut Commit<'_>,
    row: &JobRow,
    failure: Failure,
) -> Result<Ended, QueueError> {
    let failure = Failure {
        reason: cut(&failure.reason).to_owned(),
        ..failure
    };
    let now = commit.now;
    let update = "update purlin_jobs set state = 6, at = $2, cancel_requested = 0, failure_cause = $3, \
                  failure_reason = $4 where seq = $1";
    let update = commit.tx.query(update).bind(row.seq).bind(now);
    let update = update.bind(word(&failure.cause)).bind(&failure.reason);
    update.execute().await?;
    let event = EventKind::Failed(failure.clone());
    commit.note(&row.queue, &row.id, &event);
    Ok(ended(row, Outcome::Failed(failure)))
}

/// That a job has ended so.
pub(super) fn ended(row: &JobRow, outcome: Outcome) -> Ended {
    Ended {
        queue: row.queue.clone(),
        id: row.id.clone(),
        dedup_key: row.dedup_key.clone(),
        has_parents: row.has_parents,
        outcome,
    }
}

/// What a job that waits for children is to do when they have ended, as its column `at` keeps it:
/// 0 is at once, a moment is itself, a wait is negative.
pub(super) fn kept_start(start: Start) -> i64 {
    match start {
        Start::Now => 0,
        Start::At(moment) => moment.unix_micros().max(0),
        Start::After(wait) => -super::time::micros(wait),
    }
}

/// When a job that waited for children may start, by what [`kept_start`] kept.
pub(super) fn start_of(row: &JobRow, now: i64) -> i64 {
    match row.at {
        _ if row.fence > 0 => now,
        wait if wait < 0 => now.saturating_sub(wait),
        moment => moment.max(now),
    }
}

/// What was said of the start of a job that waits for children.
pub(super) fn told_start(row: &JobRow) -> Option<Start> {
    match row.at {
        _ if row.state != State::WaitingChildren || row.at == 0 => None,
        wait if wait < 0 => {
            let wait = std::time::Duration::from_micros(wait.unsigned_abs());
            Some(Start::After(wait))
        }
        moment => Some(Start::At(Timestamp::from_unix_micros(moment))),
    }
}

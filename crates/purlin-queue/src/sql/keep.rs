//! How long a finished job is kept by its own options; the queue's are applied by upkeep.

use purlin_sql::Query;

use super::{
    commit::Commit,
    gone::{self, Gone},
    moves,
    rows::{JobRow, number_of},
    time::micros,
};
use crate::{Keep, QueueError, State};

/// Finished jobs that one ending drops at most.
///
/// # Source
///
/// BullMQ: `removeOnComplete` and `removeOnFail` drop up to 1000.
pub(super) const DROPPED_MAX: u32 = 1000;

/// Applies what `row` says of finished jobs, once it has ended in `state` and its parents know.
pub(super) async fn after_end(
    commit: &mut Commit<'_>,
    row: &JobRow,
    state: State,
) -> Result<(), QueueError> {
    let options = row.options();
    let keep = match state {
        State::Completed => options.keep_completed,
        _ => options.keep_failed,
    };
    match keep {
        None => Ok(()),
        Some(keep) if keep.count == Some(0) => {
            let gone = Gone {
                state,
                ..row.clone().into()
            };
            gone::drop_old(commit, vec![gone]).await
        }
        Some(keep) => trim(commit, &row.queue, state, keep, DROPPED_MAX)
            .await
            .map(drop),
    }
}

/// Drops finished jobs of `queue` that `keep` does not keep, the oldest first, at most `max`; how
/// many.
pub(super) async fn trim(
    commit: &mut Commit<'_>,
    queue: &str,
    state: State,
    keep: Keep,
    max: u32,
) -> Result<u64, QueueError> {
    let mut dropped = 0;
    if let Some(age) = keep.age {
        let oldest = commit.now.saturating_sub(micros(age));
        let old = Query::new(" and at <= $1").bind(oldest);
        dropped += drop_where(commit, queue, state, old, max).await?;
    }
    if let Some(count) = keep.count {
        let newest = Query::new(
            " and (at, seq) <= (select at, seq from purlin_jobs where queue = $1 and state = $2 \
             and state in (2, 3, 5, 6) order by at desc, seq desc limit 1 offset $3)",
        )
        .bind(queue)
        .bind(number_of(state))
        .bind(i64::try_from(count).unwrap_or(i64::MAX));
        let left = max.saturating_sub(u32::try_from(dropped).unwrap_or(max));
        dropped += drop_where(commit, queue, state, newest, left).await?;
    }
    Ok(dropped)
}

async fn drop_where(
    commit: &mut Commit<'_>,
    queue: &str,
    state: State,
    condition: Query,
    max: u32,
) -> Result<u64, QueueError> {
    let old = Query::new("where queue = $1 and state = $2 and state in (2, 3, 5, 6)")
        .bind(queue)
        .bind(number_of(state))
        .push(condition)
        .push(Query::new(" order by at, seq limit $1").bind(max));
    let old = moves::select(commit, old).await?;
    let dropped = old.len() as u64;
    if dropped > 0 {
        gone::drop_old(commit, old.into_iter().map(Gone::from).collect()).await?;
    }
    Ok(dropped)
}

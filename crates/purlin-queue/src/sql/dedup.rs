//! When a job that is added is one that is there already.
//!
//! A key is a row, and whoever wants it inserts the row or is shown it: two that want it at once
//! wait for each other, and if the first rolls back, the second has it.

use purlin_base::BoxFuture;

use super::{
    add,
    commit::{Commit, Ended, Outcome},
    gone, moves,
    rows::state_of,
    time::micros,
};
use crate::{
    QueueError, State,
    store::{Added, EventKind, NewJob},
};

mod kept;

/// A key that is held.
struct Held {
    job: String,
    until: Option<i64>,
}

/// Called before a job with a deduplication key is inserted, whose id is not there yet. `Some`: it
/// is not inserted, and this is the answer.
pub(super) async fn before_add(
    commit: &mut Commit<'_>,
    job: &mut NewJob,
) -> Result<Option<Added>, QueueError> {
    let Some(dedup) = job.options.dedup.clone() else {
        return Ok(None);
    };
    let ends = dedup.ttl.map(|ttl| commit.now.saturating_add(micros(ttl)));
    let Some(held) = take_or_show(commit, job, &dedup.key, ends).await? else {
        return Ok(None);
    };
    if held.until.is_some_and(|until| until <= commit.now) {
        hold(commit, job, &dedup.key, ends).await?;
        return Ok(None);
    }
    let until = if dedup.extend && ends.is_some() {
        ends
    } else {
        held.until
    };
    let state = state_of_holder(commit, &job.queue, &held.job).await?;
    if dedup.replace
        && state == Some(State::Delayed)
        && let Some(holder) = moves::find(commit, &job.queue, &held.job).await?
        && holder.state == State::Delayed
    {
        hold(commit, job, &dedup.key, until).await?;
        gone::remove(commit, vec![holder.into()]).await?;
        return Ok(None);
    }
    let keeps = dedup.keep_last_if_active && state == Some(State::Active);
    ignore(commit, job, &dedup.key, until, keeps).await?;
    commit.note(&job.queue, &held.job, &EventKind::Deduplicated);
    let (id, is_new) = (held.job, false);
    Ok(Some(Added { id, is_new }))
}

/// The state of the job that holds the key. Its row is left to others: whoever ends the job has the
/// job's row and waits for the key's, which we have.
async fn state_of_holder(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<Option<State>, QueueError> {
    let select = "select state from purlin_jobs where queue = $1 and id = $2";
    let select = commit.tx.query(select).bind(queue).bind(id);
    let state = select.fetch_optional::<(i64,)>().await?;
    Ok(state.map(|(state,)| state_of(state)))
}

/// Takes the key for `job` (`None`), or tells who holds it. The row is kept from others until the
/// commit.
async fn take_or_show(
    commit: &mut Commit<'_>,
    job: &NewJob,
    key: &str,
    until: Option<i64>,
) -> Result<Option<Held>, QueueError> {
    let insert = "insert into purlin_queue_dedup (queue, key, job, until) values ($1, $2, $3, $4) \
                  on conflict (queue, key) do update set job = purlin_queue_dedup.job \
                  returning job, until";
    let insert = commit.tx.query(insert).bind(&job.queue).bind(key);
    let insert = insert.bind(&job.id).bind(until);
    let (holder, until) = insert.fetch_one::<(String, Option<i64>)>().await?;
    Ok((holder != job.id).then_some(Held { job: holder, until }))
}

/// Gives a key that is held by nobody any more to `job`.
async fn hold(
    commit: &mut Commit<'_>,
    job: &NewJob,
    key: &str,
    until: Option<i64>,
) -> Result<(), QueueError> {
    let update = "update purlin_queue_dedup set job = $3, until = $4, kept = null \
                  where queue = $1 and key = $2";
    let update = commit.tx.query(update).bind(&job.queue).bind(key);
    update.bind(&job.id).bind(until).execute().await?;
    Ok(())
}

/// `job` is not added; if `keeps`, it is kept until the holder has ended.
async fn ignore(
    commit: &mut Commit<'_>,
    job: &NewJob,
    key: &str,
    until: Option<i64>,
    keeps: bool,
) -> Result<(), QueueError> {
    let update = "update purlin_queue_dedup set until = $3, kept = coalesce($4, kept) \
                  where queue = $1 and key = $2";
    let update = commit.tx.query(update).bind(&job.queue).bind(key);
    let kept = keeps.then(|| kept::text(job));
    update.bind(until).bind(kept).execute().await?;
    Ok(())
}

/// Called after a job with a deduplication key has ended or was removed: the key is free unless
/// time holds it, and what was kept is added.
pub(super) fn after_end<'a>(
    commit: &'a mut Commit<'_>,
    ended: &'a Ended,
) -> BoxFuture<'a, Result<(), QueueError>> {
    Box::pin(async move {
        let Some(key) = &ended.dedup_key else {
            return Ok(());
        };
        let is_removed = matches!(ended.outcome, Outcome::Removed);
        let kept = free(commit, ended, key, is_removed).await?;
        match kept.filter(|_| !is_removed) {
            Some(kept) => {
                let kept = kept::job(&ended.queue, &kept)?;
                add::add_one(commit, &kept, None).await.map(drop)
            }
            None => Ok(()),
        }
    })
}

/// Frees a key that its job holds until its end, or whose job is gone; what was kept.
async fn free(
    commit: &mut Commit<'_>,
    ended: &Ended,
    key: &str,
    is_removed: bool,
) -> Result<Option<String>, QueueError> {
    let delete = "delete from purlin_queue_dedup where queue = $1 and key = $2 and job = $3 \
                  and (until is null or kept is not null or $4 = 1) returning kept";
    let delete = commit.tx.query(delete).bind(&ended.queue).bind(key);
    let delete = delete.bind(&ended.id).bind(i64::from(is_removed));
    let freed = delete.fetch_optional::<(Option<String>,)>().await?;
    Ok(freed.and_then(|(kept,)| kept))
}

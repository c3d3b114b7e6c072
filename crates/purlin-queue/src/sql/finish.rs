//! Ending attempts.

use std::collections::{BTreeSet, HashMap};

use purlin_sql::Json;
use serde::Serialize;

use super::{
    annotate,
    commit::{Commit, Ended, Outcome},
    flow,
    gone::{self, Gone},
    keep, moves,
    rows::{self, JobRow, cut, job_columns, number_of, ready, word},
    time::micros,
};
use crate::{
    Keep, Payload, QueueError, State,
    job::{Failure, FailureCause},
    store::{Ending, EventKind, Finish, Finished, Lease},
};

/// Ends attempts, each as it was asked.
pub(super) async fn finish_all(
    commit: &mut Commit<'_>,
    finishes: &[&Finish],
) -> Result<Vec<Finished>, QueueError> {
    let mut trims = Trims::default();
    let mut completed = complete_many(commit, finishes).await?;
    let mut answers = Vec::with_capacity(finishes.len());
    for finish in finishes {
        let Finish { lease, ending } = finish;
        let state = match ending {
            Ending::Complete(result) => {
                let row = completed.take(commit, lease, result).await?;
                completed_one(commit, row, lease, result, &mut trims).await?
            }
            _ => end(commit, lease, ending, &mut trims).await?,
        };
        answers.push(state.map_or(Finished::LeaseLost, Finished::Done));
    }
    trims.apply(commit).await?;
    let queues = finishes.iter().map(|finish| finish.lease.queue.as_str());
    wake_limited(commit, queues.collect()).await?;
    Ok(answers)
}

/// Wakes those who wait for a place under limits: one is free.
async fn wake_limited(commit: &mut Commit<'_>, queues: BTreeSet<&str>) -> Result<(), QueueError> {
    for queue in queues {
        if commit.queue(queue).await?.limits != "{}" {
            commit.wake(queue);
        }
    }
    Ok(())
}

/// What is told of a job that was completed.
type CompletedRow = (String, Option<String>, i64);

/// The jobs that were completed by one statement of Postgres; SQLite completes them one by one.
#[derive(Default)]
struct Completed(Option<HashMap<(String, String, i64), CompletedRow>>);

#[derive(Serialize)]
struct Result_<'a> {
    queue: &'a str,
    id: &'a str,
    fence: u64,
    result: &'a str,
}

async fn complete_many(
    commit: &mut Commit<'_>,
    finishes: &[&Finish],
) -> Result<Completed, QueueError> {
    if commit.core.is_sqlite() {
        return Ok(Completed(None));
    }
    let results: Vec<Result_<'_>> = finishes.iter().filter_map(|it| result_of(it)).collect();
    if results.is_empty() {
        return Ok(Completed::default());
    }
    let rows = commit
        .tx
        .query(
            "update purlin_jobs as job
             set state = 5, at = $2, attempts_made = attempts_made + 1, result = ended.result,
                 failure_cause = null, failure_reason = null, cancel_requested = 0
             from jsonb_to_recordset($1::jsonb) as ended (queue text, id text, fence bigint, result text)
             where job.queue = ended.queue and job.id = ended.id and job.fence = ended.fence and state = 3
             returning job.queue, job.id, job.fence, options, dedup_key, has_parents",
        )
        .bind(Json(&results))
        .bind(commit.now)
        .fetch_all::<(String, String, i64, String, Option<String>, i64)>()
        .await?;
    let by_lease =
        |(queue, id, fence, options, key, parents)| ((queue, id, fence), (options, key, parents));
    Ok(Completed(Some(rows.into_iter().map(by_lease).collect())))
}

fn result_of(finish: &Finish) -> Option<Result_<'_>> {
    let Ending::Complete(result) = &finish.ending else {
        return None;
    };
    Some(Result_ {
        queue: &finish.lease.queue,
        id: &finish.lease.id,
        fence: finish.lease.fence,
        result: result.as_str(),
    })
}

impl Completed {
    /// The row that was completed under `lease`; `None`: the lease is lost.
    async fn take(
        &mut self,
        commit: &mut Commit<'_>,
        lease: &Lease,
        result: &Payload,
    ) -> Result<Option<CompletedRow>, QueueError> {
        if let Some(rows) = &mut self.0 {
            let fence = lease.fence.cast_signed();
            return Ok(rows.remove(&(lease.queue.clone(), lease.id.clone(), fence)));
        }
        let row = commit
            .tx
            .query(
                "update purlin_jobs
                 set state = 5, at = $4, attempts_made = attempts_made + 1, result = $5,
                     failure_cause = null, failure_reason = null, cancel_requested = 0
                 where queue = $1 and id = $2 and fence = $3 and state = 3
                 returning options, dedup_key, has_parents",
            )
            .bind(&lease.queue)
            .bind(&lease.id)
            .bind(lease.fence.cast_signed())
            .bind(commit.now)
            .bind(result.as_str())
            .fetch_optional::<CompletedRow>()
            .await?;
        Ok(row)
    }
}

/// What follows the completion of a job.
async fn completed_one(
    commit: &mut Commit<'_>,
    row: Option<CompletedRow>,
    lease: &Lease,
    result: &Payload,
    trims: &mut Trims,
) -> Result<Option<State>, QueueError> {
    let Some((options, dedup_key, has_parents)) = row else {
        return Ok(None);
    };
    let completed = EventKind::Completed(result.clone());
    commit.note(&lease.queue, &lease.id, &completed);
    if dedup_key.is_some() || has_parents != 0 {
        let ended = Ended {
            queue: lease.queue.clone(),
            id: lease.id.clone(),
            dedup_key,
            has_parents: has_parents != 0,
            outcome: Outcome::Completed(result.clone()),
        };
        commit.ended(&ended).await?;
    }
    if options.contains("\"keep_completed\"") {
        let keep = rows::read_options(&options).keep_completed;
        let gone = Gone {
            queue: lease.queue.clone(),
            id: lease.id.clone(),
            state: State::Completed,
            // They have its result.
            has_parents: false,
            dedup_key: None,
        };
        keep_one(commit, gone, keep, trims).await?;
    }
    Ok(Some(State::Completed))
}

/// Ends an attempt otherwise than by completing it; the job's state, or `None` if the lease is
/// lost.
async fn end(
    commit: &mut Commit<'_>,
    lease: &Lease,
    ending: &Ending,
    trims: &mut Trims,
) -> Result<Option<State>, QueueError> {
    let Some(row) = held(commit, lease).await? else {
        return Ok(None);
    };
    let state = match ending {
        Ending::Complete(_) => unreachable!("completions have a way of their own"),
        Ending::Retry { failure, .. } if row.attempts_made + 1 >= row.options().attempts => {
            fail_attempt(commit, &row, failure, trims).await?
        }
        Ending::Retry { failure, after } => {
            let again = Again::after(commit, &row, *after);
            again.put(commit, &row, Some(failure)).await?
        }
        Ending::Fail(failure) => fail_attempt(commit, &row, failure, trims).await?,
        Ending::Snooze { after, reason } => {
            if let Some(reason) = reason {
                annotate::log(commit, &row.queue, &row.id, reason).await?;
            }
            let again = Again::after(commit, &row, *after);
            again.put(commit, &row, None).await?
        }
        Ending::Release => Again::at_old_place(&row).put(commit, &row, None).await?,
        Ending::AwaitChildren => await_children(commit, &row).await?,
    };
    Ok(Some(state))
}

/// The job that runs under `lease`, if it still does.
async fn held(commit: &mut Commit<'_>, lease: &Lease) -> Result<Option<JobRow>, QueueError> {
    let held = if commit.core.is_sqlite() {
        concat!(
            "select ",
            job_columns!(),
            " from purlin_jobs where queue = $1 and id = $2 and fence = $3 and state = 3"
        )
    } else {
        concat!(
            "select ",
            job_columns!(),
            " from purlin_jobs where queue = $1 and id = $2 and fence = $3 and state = 3 for update"
        )
    };
    let row = commit
        .tx
        .query(held)
        .bind(&lease.queue)
        .bind(&lease.id)
        .bind(lease.fence.cast_signed())
        .fetch_optional::<JobRow>()
        .await?;
    Ok(row)
}

/// Where a job goes that is wanted again.
struct Again {
    state: State,
    at: i64,
    position: i64,
}

impl Again {
    fn after(commit: &Commit<'_>, row: &JobRow, wait: std::time::Duration) -> Self {
        let lifo = rows::read_options(&row.options).lifo;
        if wait.is_zero() {
            return Self {
                state: ready(row.priority),
                at: 0,
                position: commit.position(lifo),
            };
        }
        let at = commit.now.saturating_add(micros(wait));
        Self {
            state: State::Delayed,
            at,
            position: if lifo { -at } else { at },
        }
    }

    fn at_old_place(row: &JobRow) -> Self {
        Self {
            state: ready(row.priority),
            at: 0,
            position: row.position,
        }
    }

    /// Sends the job there. An attempt that failed counts as one made; without a failure it does
    /// not count at all.
    async fn put(
        self,
        commit: &mut Commit<'_>,
        row: &JobRow,
        failure: Option<&Failure>,
    ) -> Result<State, QueueError> {
        let cause = failure.map(|failure| word(&failure.cause));
        let reason = failure.map(|failure| cut(&failure.reason).to_owned());
        commit
            .tx
            .query(
                "update purlin_jobs
                 set state = $2, at = $3, position = $4, attempts_made = attempts_made + $5,
                     attempts_started = attempts_started - $6,
                     failure_cause = coalesce($7, failure_cause),
                     failure_reason = coalesce($8, failure_reason)
                 where seq = $1",
            )
            .bind(row.seq)
            .bind(number_of(self.state))
            .bind(self.at)
            .bind(self.position)
            .bind(i64::from(failure.is_some()))
            .bind(i64::from(failure.is_none()))
            .bind(cause)
            .bind(reason)
            .execute()
            .await?;
        note_state(commit, row, self.state);
        Ok(self.state)
    }
}

/// Says where a job is that waits again.
pub(super) fn note_state(commit: &mut Commit<'_>, row: &JobRow, state: State) {
    let kind = match state {
        State::Delayed => EventKind::Delayed,
        State::WaitingChildren => EventKind::WaitingChildren,
        _ => EventKind::Waiting,
    };
    commit.note(&row.queue, &row.id, &kind);
    if state.is_ready() {
        commit.wake(&row.queue);
    }
}

async fn await_children(commit: &mut Commit<'_>, row: &JobRow) -> Result<State, QueueError> {
    let waiting = Again {
        state: State::WaitingChildren,
        at: 0,
        position: row.position,
    };
    waiting.put(commit, row, None).await?;
    if let Some((queue, id)) = flow::fatal_child(commit, &row.queue, &row.id).await? {
        let failure = flow::failed_child(&queue, &id);
        fail(commit, row, &failure).await?;
        return Ok(State::Failed);
    }
    if flow::has_pending_children(commit, &row.queue, &row.id).await? {
        return Ok(State::WaitingChildren);
    }
    moves::to_ready(commit, row).await?;
    Ok(ready(row.priority))
}

async fn fail_attempt(
    commit: &mut Commit<'_>,
    row: &JobRow,
    failure: &Failure,
    trims: &mut Trims,
) -> Result<State, QueueError> {
    fail_row(commit, row, failure, (1, 0)).await?;
    let keep = rows::read_options(&row.options).keep_failed;
    keep_one(commit, failed(row), keep, trims).await?;
    Ok(State::Failed)
}

/// Moves a job to the dead letters, whatever it was doing, and does what follows: events, its
/// deduplication key, its parents, how it is to be kept.
pub(super) async fn fail(
    commit: &mut Commit<'_>,
    row: &JobRow,
    failure: &Failure,
) -> Result<(), QueueError> {
    let mut trims = Trims::default();
    fail_row(commit, row, failure, (0, 0)).await?;
    let keep = rows::read_options(&row.options).keep_failed;
    keep_one(commit, failed(row), keep, &mut trims).await?;
    trims.apply(commit).await
}

/// As [`fail`], for a job whose process has died too often.
pub(super) async fn poison(commit: &mut Commit<'_>, row: &JobRow) -> Result<(), QueueError> {
    let failure = Failure {
        cause: FailureCause::Poison,
        reason: format!("its process died {} times", row.crashes + 1),
    };
    let mut trims = Trims::default();
    fail_row(commit, row, &failure, (0, 1)).await?;
    let keep = rows::read_options(&row.options).keep_failed;
    keep_one(commit, failed(row), keep, &mut trims).await?;
    trims.apply(commit).await
}

async fn fail_row(
    commit: &mut Commit<'_>,
    row: &JobRow,
    failure: &Failure,
    (made, crashed): (i64, i64),
) -> Result<(), QueueError> {
    let failure = Failure {
        cause: failure.cause,
        reason: cut(&failure.reason).to_owned(),
    };
    commit
        .tx
        .query(
            "update purlin_jobs
             set state = 6, at = $2, attempts_made = attempts_made + $3, crashes = crashes + $4,
                 failure_cause = $5, failure_reason = $6, cancel_requested = 0
             where seq = $1",
        )
        .bind(row.seq)
        .bind(commit.now)
        .bind(made)
        .bind(crashed)
        .bind(word(&failure.cause))
        .bind(&failure.reason)
        .execute()
        .await?;
    let failed = EventKind::Failed(failure.clone());
    commit.note(&row.queue, &row.id, &failed);
    let ended = Ended {
        queue: row.queue.clone(),
        id: row.id.clone(),
        dedup_key: row.dedup_key.clone(),
        has_parents: row.has_parents,
        outcome: Outcome::Failed(failure),
    };
    commit.ended(&ended).await
}

/// Finished jobs to be dropped at the end of the commit: how many of a queue and state are kept.
#[derive(Default)]
struct Trims(HashMap<(String, State), Keep>);

/// A job that has failed. Parents may wait for it until somebody retries it.
fn failed(row: &JobRow) -> Gone {
    Gone {
        state: State::Failed,
        ..row.clone().into()
    }
}

/// Drops a job that is not to be kept, or marks its queue for trimming.
async fn keep_one(
    commit: &mut Commit<'_>,
    gone: Gone,
    keep: Option<Keep>,
    trims: &mut Trims,
) -> Result<(), QueueError> {
    let Some(keep) = keep else { return Ok(()) };
    if keep.count == Some(0) {
        gone::drop_old(commit, vec![gone]).await?;
    } else if keep != Keep::default() {
        trims.0.insert((gone.queue, gone.state), keep);
    }
    Ok(())
}

impl Trims {
    async fn apply(self, commit: &mut Commit<'_>) -> Result<(), QueueError> {
        for ((queue, state), keep) in self.0 {
            keep::trim(commit, &queue, state, keep, keep::DROPPED_MAX).await?;
        }
        Ok(())
    }
}

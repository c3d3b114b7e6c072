//! Taking jobs.

use std::{collections::VecDeque, time::Duration};

use purlin_base::Timestamp;

use super::{
    commit::Commit,
    fair,
    rows::{self, JobRow, job_columns},
    time::micros,
};
use crate::{
    QueueError,
    store::{Claim, ClaimedJob, EventKind, Lease},
};

/// Jobs that one call takes at most.
const CLAIM_MAX: u32 = 1000;

/// What came of a claim.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    pub(super) jobs: Vec<ClaimedJob>,
    pub(super) again_in: Option<Duration>,
}

/// Takes jobs for each of `claims`; those for one queue and lease share their statements.
pub(super) async fn claim_all(
    commit: &mut Commit<'_>,
    claims: &[&Claim],
) -> Result<Vec<Claimed>, QueueError> {
    let mut answers: Vec<Option<Claimed>> = claims.iter().map(|_| None).collect();
    for first in 0..claims.len() {
        if answers[first].is_some() {
            continue;
        }
        let is_alike = |claim: &Claim| {
            claim.queue == claims[first].queue && claim.lease == claims[first].lease
        };
        let alike: Vec<usize> = (first..claims.len())
            .filter(|at| is_alike(claims[*at]))
            .collect();
        let max = alike
            .iter()
            .map(|at| claims[*at].max.min(CLAIM_MAX))
            .fold(0, u32::saturating_add);
        let (taken, again_in) = claim(commit, claims[first], max.min(CLAIM_MAX)).await?;
        let mut taken = VecDeque::from(taken);
        for at in alike {
            let max = claims[at].max.min(CLAIM_MAX) as usize;
            let count = max.min(taken.len());
            answers[at] = Some(Claimed {
                jobs: taken.drain(..count).collect(),
                again_in: again_in.filter(|_| count < max),
            });
        }
    }
    Ok(answers.into_iter().map(Option::unwrap_or_default).collect())
}

/// Takes up to `max` jobs, in the order to run them.
async fn claim(
    commit: &mut Commit<'_>,
    claim: &Claim,
    max: u32,
) -> Result<(Vec<ClaimedJob>, Option<Duration>), QueueError> {
    let queue = commit.queue(&claim.queue).await?;
    if queue.paused || max == 0 {
        return Ok((Vec::new(), None));
    }
    commit.core.leases.note(claim.lease);
    let until = commit.now.saturating_add(micros(claim.lease));
    let has_limits = queue.limits != "{}";
    let (rows, opens_in) = if queue.lanes || has_limits {
        fair::take_by_turns(commit, &claim.queue, &queue, max, until).await?
    } else {
        let rows = take(commit, &claim.queue, ("", ""), max, until).await?;
        (rows, None)
    };
    let again_in = if rows.len() == max as usize || (has_limits && opens_in.is_none()) {
        None
    } else {
        next_due(commit, &claim.queue)
            .await?
            .into_iter()
            .chain(opens_in)
            .min()
    };
    let mut jobs = Vec::with_capacity(rows.len());
    for row in rows {
        jobs.push(claimed(commit, row).await?);
    }
    Ok((jobs, again_in))
}

/// Takes up to `max` ready jobs of one lane (tenant and limit key), in their order, unless the
/// queue was paused meanwhile.
pub(super) async fn take(
    commit: &mut Commit<'_>,
    queue: &str,
    (tenant, key): (&str, &str),
    max: u32,
    until: i64,
) -> Result<Vec<JobRow>, QueueError> {
    let take = if commit.core.is_sqlite() {
        SQLITE_TAKE
    } else {
        POSTGRES_TAKE
    };
    let mut rows = commit
        .tx
        .query(take)
        .bind(queue)
        .bind(max)
        .bind(until)
        .bind(commit.now)
        .bind(tenant)
        .bind(key)
        .fetch_all::<JobRow>()
        .await?;
    // What a statement returns has no order of its own.
    rows.sort_by_key(JobRow::order);
    Ok(rows)
}

const SQLITE_TAKE: &str = concat!(
    "update purlin_jobs set state = 3, at = $3, processed_at = $4, fence = fence + 1, \
     attempts_started = attempts_started + 1 \
     where seq in (select seq from purlin_jobs \
                   where queue = $1 and tenant = $5 and limit_key = $6 and state in (0, 1) \
                   order by priority, position, seq limit $2) \
     returning ",
    job_columns!()
);

const POSTGRES_TAKE: &str = concat!(
    "with taken as materialized ( \
         select seq as taken_seq from purlin_jobs \
         where queue = $1 and tenant = $5 and limit_key = $6 and state in (0, 1) \
           and not exists (select 1 from purlin_queues where name = $1 and paused <> 0) \
         order by priority, position, seq limit $2 for update skip locked) \
     update purlin_jobs set state = 3, at = $3, processed_at = $4, fence = fence + 1, \
                            attempts_started = attempts_started + 1 \
     from taken where seq = taken_seq returning ",
    job_columns!()
);

/// When the next delayed job of `queue` is due, from now.
async fn next_due(commit: &mut Commit<'_>, queue: &str) -> Result<Option<Duration>, QueueError> {
    let next = "select at from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = 2
                order by at limit 1";
    let found = commit
        .tx
        .query(next)
        .bind(queue)
        .fetch_optional::<(i64,)>()
        .await?;
    let wait = |at: i64| Duration::from_micros(at.saturating_sub(commit.now).max(0).unsigned_abs());
    Ok(found.map(|(at,)| wait(at)))
}

async fn claimed(commit: &mut Commit<'_>, row: JobRow) -> Result<ClaimedJob, QueueError> {
    commit.note(&row.queue, &row.id, &EventKind::Active);
    let lease_until = Timestamp::from_unix_micros(row.at);
    let job = rows::record(commit.tx, row).await?;
    Ok(ClaimedJob {
        lease: Lease {
            queue: job.queue.clone(),
            id: job.id.clone(),
            fence: job.fence,
            token: String::new(),
        },
        lease_until,
        job,
    })
}

impl JobRow {
    /// The order among ready jobs.
    pub(super) fn order(&self) -> (u32, i64, i64) {
        (self.priority, self.position, self.seq)
    }
}

//! The ready jobs of a queue by lane: a tenant and a limit key.

use std::collections::VecDeque;

use super::commit::Commit;
use crate::QueueError;

/// Lanes that one claim looks at. Those beyond wait until others are empty.
const LANES_MAX: i64 = 10_000;

/// Jobs of a lane that are looked at together.
const JOBS_AT_ONCE: u32 = 16;

/// A place in the ready order: priority, position, sequence.
pub(super) type Place = (i64, i64, i64);

/// The ready jobs of one tenant and limit key, read a few at a time.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) tenant: String,
    pub(super) key: String,
    jobs: VecDeque<Place>,
    last: Place,
    is_read_up: bool,
}

impl Lane {
    pub(super) fn new(tenant: String, key: String) -> Self {
        Self {
            tenant,
            key,
            jobs: VecDeque::new(),
            last: (i64::MIN, i64::MIN, i64::MIN),
            is_read_up: false,
        }
    }

    /// The next job of the lane.
    pub(super) async fn first(
        &mut self,
        commit: &mut Commit<'_>,
        queue: &str,
    ) -> Result<Option<Place>, QueueError> {
        if self.jobs.is_empty() && !self.is_read_up {
            self.read(commit, queue).await?;
        }
        Ok(self.jobs.front().copied())
    }

    /// The next job is taken.
    pub(super) fn take(&mut self) {
        self.jobs.pop_front();
    }

    async fn read(&mut self, commit: &mut Commit<'_>, queue: &str) -> Result<(), QueueError> {
        let (priority, position, seq) = self.last;
        let rows = commit
            .tx
            .query(
                "select priority, position, seq from purlin_jobs
                 where queue = $1 and tenant = $2 and limit_key = $3 and state in (0, 1)
                   and (priority, position, seq) > ($4, $5, $6)
                 order by priority, position, seq limit $7",
            )
            .bind(queue)
            .bind(&self.tenant)
            .bind(&self.key)
            .bind(priority)
            .bind(position)
            .bind(seq)
            .bind(JOBS_AT_ONCE)
            .fetch_all::<Place>()
            .await?;
        self.is_read_up = rows.len() < JOBS_AT_ONCE as usize;
        self.last = rows.last().copied().unwrap_or(self.last);
        self.jobs.extend(rows);
        Ok(())
    }
}

/// The lanes in which a job is ready, one step through the index for each.
pub(super) async fn open(commit: &mut Commit<'_>, queue: &str) -> Result<Vec<Lane>, QueueError> {
    let rows = commit
        .tx
        .query(
            "with recursive lanes (tenant, limit_key) as (
                 select * from (
                     select tenant, limit_key from purlin_jobs where queue = $1 and state in (0, 1)
                     order by tenant, limit_key limit 1) as first_lane
                 union all
                 select (select job.tenant from purlin_jobs as job
                         where job.queue = $1 and job.state in (0, 1)
                           and (job.tenant, job.limit_key) > (lanes.tenant, lanes.limit_key)
                         order by job.tenant, job.limit_key limit 1),
                        (select job.limit_key from purlin_jobs as job
                         where job.queue = $1 and job.state in (0, 1)
                           and (job.tenant, job.limit_key) > (lanes.tenant, lanes.limit_key)
                         order by job.tenant, job.limit_key limit 1)
                 from lanes where lanes.tenant is not null)
             select tenant, limit_key from lanes where tenant is not null limit $2",
        )
        .bind(queue)
        .bind(LANES_MAX)
        .fetch_all::<(String, String)>()
        .await?;
    let lane = |(tenant, key)| Lane::new(tenant, key);
    Ok(rows.into_iter().map(lane).collect())
}

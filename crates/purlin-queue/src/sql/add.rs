//! Adding.

use super::{commit::Commit, dedup, flow, insert};
use crate::{
    QueueError,
    job::Start,
    store::{Added, NewJob},
};

/// Adds the jobs of each call, all or none.
pub(super) async fn add_all(
    commit: &mut Commit<'_>,
    calls: &[&[NewJob]],
) -> Result<Vec<Vec<Added>>, QueueError> {
    let mut answers = Vec::with_capacity(calls.len());
    let mut at = 0;
    while at < calls.len() {
        let plain = calls[at..].iter().take_while(|jobs| is_plain(jobs)).count();
        if plain == 0 {
            answers.push(add(commit, calls[at]).await?);
            at += 1;
            continue;
        }
        let jobs: Vec<&NewJob> = calls[at..at + plain].iter().copied().flatten().collect();
        let mut added = insert::insert(commit, &jobs).await?.into_iter();
        for jobs in &calls[at..at + plain] {
            answers.push(added.by_ref().take(jobs.len()).collect());
        }
        at += plain;
    }
    Ok(answers)
}

/// Adds `jobs`, all or none.
pub(super) async fn add(
    commit: &mut Commit<'_>,
    jobs: &[NewJob],
) -> Result<Vec<Added>, QueueError> {
    if is_plain(jobs) {
        let jobs: Vec<&NewJob> = jobs.iter().collect();
        return insert::insert(commit, &jobs).await;
    }
    let in_flow = jobs.iter().any(is_in_flow);
    if in_flow {
        flow::before_add(commit, jobs).await?;
    }
    let mut added = Vec::with_capacity(jobs.len());
    for job in jobs {
        added.push(add_one(commit, job, None).await?);
    }
    if in_flow {
        flow::after_add(commit, jobs, &added).await?;
    }
    Ok(added)
}

/// Adds one job, whatever flow it may be in; `schedule` is the one that made it.
pub(super) async fn add_one(
    commit: &mut Commit<'_>,
    job: &NewJob,
    schedule: Option<&str>,
) -> Result<Added, QueueError> {
    if job.options.dedup.is_none() {
        return insert::insert_one(commit, job, schedule).await;
    }
    if insert::exists(commit, &job.queue, &job.id).await? {
        return Ok(insert::was_there(commit, job));
    }
    let mut job = job.clone();
    match dedup::before_add(commit, &mut job).await? {
        Some(instead) => Ok(instead),
        None => insert::insert_one(commit, &job, schedule).await,
    }
}

/// Nothing but rows to insert.
fn is_plain(jobs: &[NewJob]) -> bool {
    !jobs
        .iter()
        .any(|job| job.options.dedup.is_some() || is_in_flow(job))
}

fn is_in_flow(job: &NewJob) -> bool {
    job.awaits_children || !job.parents.is_empty()
}

/// When a job that was added at `now` is due; `None`: it is ready.
pub(super) fn due(start: Start, now: i64) -> Option<i64> {
    let due = match start {
        Start::Now => return None,
        Start::After(wait) => now.saturating_add(super::time::micros(wait)),
        Start::At(moment) => moment.unix_micros(),
    };
    (due > now).then_some(due)
}

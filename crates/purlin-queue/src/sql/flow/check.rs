//! What is refused of a flow.

use std::collections::{BTreeMap, BTreeSet};

use purlin_sql::Query;

use super::{Key, edges, refused};
use crate::{
    QueueError, State,
    sql::{commit::Commit, rows::state_of},
    store::NewJob,
};

/// Jobs that one statement asks for at most.
const JOBS_AT_ONCE: usize = 200;

/// Jobs above a job that are looked at in search of a cycle, at most.
const ABOVE_MAX: usize = 10_000;

/// Refuses a job that is there twice, if it has to do with others.
pub(super) fn twice(jobs: &[NewJob]) -> Result<(), QueueError> {
    let in_flow = |job: &NewJob| job.awaits_children || !job.parents.is_empty();
    let mut seen: BTreeMap<Key, bool> = BTreeMap::new();
    for job in jobs {
        let before = seen.insert(key_of(job), in_flow(job));
        if before.is_some_and(|flow| flow || in_flow(job)) {
            return Err(refused(format!("job {:?} is in it twice", job.id)));
        }
    }
    Ok(())
}

/// Refuses parents that are not among `jobs` and neither run nor wait for children. Those that do
/// are kept from others until the commit, so that none of them ends meanwhile.
pub(super) async fn parents(commit: &mut Commit<'_>, jobs: &[NewJob]) -> Result<(), QueueError> {
    let given: BTreeSet<Key> = jobs.iter().map(key_of).collect();
    let parents = jobs.iter().flat_map(|job| &job.parents);
    let parents = parents.map(|parent| (parent.queue.clone(), parent.id.clone()));
    let others: BTreeSet<Key> = parents.filter(|parent| !given.contains(parent)).collect();
    for (queue, id) in others {
        let mut select = Query::new("select state from purlin_jobs where queue = $1 and id = $2")
            .bind(&queue)
            .bind(&id);
        if !commit.core.is_sqlite() {
            select = select.push(" for update");
        }
        let state = commit.tx.query(select).fetch_optional::<(i64,)>().await?;
        let state = state.map(|(state,)| state_of(state));
        if !matches!(state, Some(State::Active | State::WaitingChildren)) {
            return Err(refused(format!("parent {id:?} does not wait")));
        }
    }
    Ok(())
}

/// Refuses a job that is below itself.
///
/// A job that is new has only the parents given here. So a cycle lies within what is given, or
/// leads through a job that is given and was there before: only above those the table is asked.
pub(super) async fn cycles(commit: &mut Commit<'_>, jobs: &[NewJob]) -> Result<(), QueueError> {
    let mut above: BTreeMap<Key, Vec<Key>> = BTreeMap::new();
    for job in jobs {
        let parents = job.parents.iter();
        let parents = parents.map(|parent| (parent.queue.clone(), parent.id.clone()));
        above.insert(key_of(job), parents.collect());
    }
    if let Some(key) = above.keys().find(|key| reaches_itself(&above, key)) {
        return Err(below_itself(&key.1));
    }
    let children = jobs.iter().filter(|job| !job.parents.is_empty());
    let children: Vec<Key> = children.map(key_of).collect();
    for key in there_already(commit, &children).await? {
        if is_above(commit, &above, &key, &key).await? {
            return Err(below_itself(&key.1));
        }
    }
    Ok(())
}

fn below_itself(id: &str) -> QueueError {
    refused(format!("job {id:?} is below itself"))
}

fn reaches_itself(above: &BTreeMap<Key, Vec<Key>>, key: &Key) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Key> = above.get(key).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if next == key {
            return true;
        }
        if seen.insert(next) {
            open.extend(above.get(next).into_iter().flatten());
        }
    }
    false
}

async fn there_already(commit: &mut Commit<'_>, keys: &[Key]) -> Result<Vec<Key>, QueueError> {
    let mut there = Vec::new();
    for some in keys.chunks(JOBS_AT_ONCE) {
        let rows = some
            .iter()
            .map(|(queue, id)| Query::new("($1, $2)").bind(queue).bind(id));
        let select = Query::new("select queue, id from purlin_jobs where (queue, id) in (values ")
            .push(Query::join(rows, ", "))
            .push(")");
        there.extend(commit.tx.query(select).fetch_all::<Key>().await?);
    }
    Ok(there)
}

/// Whether `wanted` is above `from`: by `given`, and by the table.
pub(super) async fn is_above(
    commit: &mut Commit<'_>,
    given: &BTreeMap<Key, Vec<Key>>,
    from: &Key,
    wanted: &Key,
) -> Result<bool, QueueError> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.clone()];
    while let Some(next) = open.pop() {
        let stored = edges::up(commit, &next.0, &next.1).await?;
        let stored = stored.into_iter().map(|edge| edge.parent);
        for parent in given
            .get(&next)
            .into_iter()
            .flatten()
            .cloned()
            .chain(stored)
        {
            if parent == *wanted {
                return Ok(true);
            }
            if seen.insert(parent.clone()) {
                open.push(parent);
            }
        }
        if seen.len() > ABOVE_MAX {
            return Err(refused(format!(
                "over {ABOVE_MAX} jobs are above {:?}",
                from.1
            )));
        }
    }
    Ok(false)
}

pub(super) fn key_of(job: &NewJob) -> Key {
    (job.queue.clone(), job.id.clone())
}

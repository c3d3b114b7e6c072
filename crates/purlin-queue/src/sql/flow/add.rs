//! Ties children to their parents.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Key,
    check::{is_above, key_of},
    edges::{self, Edge},
    ended, settle,
};
use crate::{
    Payload, QueueError,
    job::Failure,
    sql::{
        commit::{Commit, Outcome},
        moves,
        rows::JobRow,
    },
    store::{Added, NewJob},
};

/// Ties `jobs` to their parents, once all of them are there. Parents and children that were there
/// before, or that another job stands for, are those that `added` names.
pub(super) async fn link(
    commit: &mut Commit<'_>,
    jobs: &[NewJob],
    added: &[Added],
) -> Result<(), QueueError> {
    let (new, old) = all_edges(jobs, added);
    edges::insert(commit, &new).await?;
    link_old(commit, old).await?;
    let busy: BTreeSet<&Key> = new.iter().map(|edge| &edge.parent).collect();
    for (job, added) in jobs.iter().zip(added) {
        let key = (job.queue.clone(), added.id.clone());
        if job.awaits_children && !busy.contains(&key) {
            settle(commit, &key.0, &key.1).await?;
        }
    }
    Ok(())
}

/// The edges from children that are new, and from those that were there, or may be gone: a job that
/// is delayed can be replaced by another one of the same call.
fn all_edges(jobs: &[NewJob], added: &[Added]) -> (Vec<Edge>, Vec<Edge>) {
    let stands: BTreeMap<Key, Key> = jobs
        .iter()
        .zip(added)
        .map(|(job, added)| (key_of(job), (job.queue.clone(), added.id.clone())))
        .collect();
    let replaces = |job: &NewJob| job.options.dedup.as_ref().is_some_and(|key| key.replace);
    let all_stay = !jobs.iter().any(replaces);
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for (job, added) in jobs.iter().zip(added) {
        for parent in &job.parents {
            let given = (parent.queue.clone(), parent.id.clone());
            let edge = Edge {
                parent: stands.get(&given).unwrap_or(&given).clone(),
                child: (job.queue.clone(), added.id.clone()),
                on_failure: parent.on_failure,
            };
            if added.is_new && all_stay {
                &mut new
            } else {
                &mut old
            }
            .push(edge);
        }
    }
    (new, old)
}

/// Ties children that may have been there before. One that has ended counts as ended; one that is
/// gone, or that turns out to wait for the parent itself, is not tied. Parents hear of it once all
/// of them are tied.
async fn link_old(commit: &mut Commit<'_>, old: Vec<Edge>) -> Result<(), QueueError> {
    let (mut ended, mut without) = (Vec::new(), Vec::new());
    for edge in old {
        let (queue, id) = &edge.child;
        let Some(child) = moves::find(commit, queue, id).await? else {
            without.push(edge.parent);
            continue;
        };
        let is_itself = edge.parent == edge.child;
        if is_itself || is_above(commit, &BTreeMap::new(), &edge.parent, &edge.child).await? {
            continue;
        }
        edges::insert(commit, std::slice::from_ref(&edge)).await?;
        let update = "update purlin_jobs set has_parents = 1 where seq = $1";
        commit.tx.query(update).bind(child.seq).execute().await?;
        let outcome = outcome_of(&child);
        ended.extend(outcome.map(|outcome| moves::ended(&child, outcome)));
    }
    for ended in ended {
        ended::tell(commit, &ended).await?;
    }
    for (queue, id) in without {
        settle(commit, &queue, &id).await?;
    }
    Ok(())
}

/// How a job has ended, if it has.
fn outcome_of(row: &JobRow) -> Option<Outcome> {
    let record = row.state.is_finished().then(|| row.clone().into_record())?;
    let nothing = || Failure {
        cause: crate::job::FailureCause::Error,
        reason: String::new(),
    };
    Some(match record.state {
        crate::State::Completed => Outcome::Completed(record.result.unwrap_or_else(Payload::null)),
        _ => Outcome::Failed(record.failure.unwrap_or_else(nothing)),
    })
}

//! What the end of a child does to its parents.

use super::{
    edges::{self, Edge, Mark},
    go_on, settle,
};
use crate::{
    QueueError, State,
    job::{Failure, FailureCause},
    sql::{
        commit::{Commit, Ended, Outcome},
        dedup, keep, moves,
        rows::JobRow,
    },
    store::OnChildFailure,
};

/// Tells the parents of a job that it has ended, and theirs if they fail by it, and so on: a graph
/// has no cycles, so it ends.
pub(super) async fn tell(commit: &mut Commit<'_>, ended: &Ended) -> Result<(), QueueError> {
    let mut failed = tell_parents(commit, ended).await?;
    while let Some((parent, ended)) = failed.pop() {
        if ended.dedup_key.is_some() {
            dedup::after_end(commit, &ended).await?;
        }
        if ended.has_parents {
            failed.extend(tell_parents(commit, &ended).await?);
        }
        keep::after_end(commit, &parent, State::Failed).await?;
    }
    Ok(())
}

/// Tells each parent; those that fail by it.
async fn tell_parents(
    commit: &mut Commit<'_>,
    ended: &Ended,
) -> Result<Vec<(JobRow, Ended)>, QueueError> {
    let mut failed = Vec::new();
    for edge in edges::up(commit, &ended.queue, &ended.id).await? {
        let (queue, id) = &edge.parent;
        match &ended.outcome {
            Outcome::Completed(result) => {
                edges::record(commit, &edge, &Mark::Completed(result)).await?;
            }
            Outcome::Removed => edges::remove_pending(commit, &edge).await?,
            Outcome::Failed(failure) => {
                failed.extend(child_failed(commit, &edge, failure).await?);
            }
        }
        settle(commit, queue, id).await?;
    }
    Ok(failed)
}

/// Does what the edge says of a failure; the parent, if it fails by it.
async fn child_failed(
    commit: &mut Commit<'_>,
    edge: &Edge,
    failure: &Failure,
) -> Result<Option<(JobRow, Ended)>, QueueError> {
    match edge.on_failure {
        OnChildFailure::Wait => return Ok(None),
        OnChildFailure::Remove => {
            edges::remove(commit, edge).await?;
            return Ok(None);
        }
        _ => edges::record(commit, edge, &Mark::Failed(failure)).await?,
    }
    let parent = moves::find(commit, &edge.parent.0, &edge.parent.1).await?;
    let Some(parent) = parent.filter(|parent| parent.state == State::WaitingChildren) else {
        return Ok(None);
    };
    match edge.on_failure {
        OnChildFailure::Fail => {
            let failure = failed_child(&edge.child.0, &edge.child.1);
            let ended = moves::to_failed(commit, &parent, failure).await?;
            Ok(Some((parent, ended)))
        }
        OnChildFailure::Continue => {
            go_on(commit, &parent).await?;
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// Why a parent fails whose child has failed.
pub(in crate::sql) fn failed_child(queue: &str, id: &str) -> Failure {
    Failure {
        cause: FailureCause::Child,
        reason: format!("child {queue}:{id} failed"),
    }
}

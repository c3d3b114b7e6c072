//! Jobs that wait for others.
//!
//! An edge of the graph is a row: which parent waits for which child, what the child's failure does
//! to it, and what became of the child. An edge without an outcome is pending, and a parent that
//! waits goes on when it has no pending edge.
//!
//! On Postgres two children may end at once, and neither sees that the other has: so whoever ends
//! one records it, then takes the parent's row for itself, and only then looks for pending edges.
//! The second one to get the row sees both.

use purlin_base::BoxFuture;

use super::{
    commit::{Commit, Ended},
    moves,
};
use crate::{
    QueueError, State,
    store::{Added, NewJob},
};

mod add;
mod check;
mod edges;
mod ended;

pub(super) use edges::children;
pub(super) use ended::failed_child;

/// A job's queue and id.
type Key = (String, String);

/// Called before any of `jobs` is inserted, if one of them has parents or awaits children: refuses
/// cycles and parents that are not there.
pub(super) async fn before_add(commit: &mut Commit<'_>, jobs: &[NewJob]) -> Result<(), QueueError> {
    check::twice(jobs)?;
    check::parents(commit, jobs).await?;
    check::cycles(commit, jobs).await
}

/// Called after all of `jobs` were inserted or found to be there, if one of them has parents or
/// awaits children.
pub(super) async fn after_add(
    commit: &mut Commit<'_>,
    jobs: &[NewJob],
    added: &[Added],
) -> Result<(), QueueError> {
    add::link(commit, jobs, added).await
}

/// Called after a job with parents has ended or was removed. Parents that fail by it end in turn.
pub(super) fn after_end<'a>(
    commit: &'a mut Commit<'_>,
    ended: &'a Ended,
) -> BoxFuture<'a, Result<(), QueueError>> {
    Box::pin(ended::tell(commit, ended))
}

/// Called when a finished job is to run again: parents that still wait, wait for it too.
pub(super) async fn after_redrive(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<(), QueueError> {
    edges::reopen(commit, queue, id).await
}

/// Whether a job that ends its attempt by waiting for its children has one that has not ended.
pub(super) async fn has_pending_children(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<bool, QueueError> {
    edges::has_pending(commit, queue, id).await
}

/// The child whose failure fails the parent, if one has failed already while the parent ran.
pub(super) async fn fatal_child(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<Option<Key>, QueueError> {
    edges::fatal(commit, queue, id).await
}

/// Lets a parent go on that waits and has no pending child.
async fn settle(commit: &mut Commit<'_>, queue: &str, id: &str) -> Result<(), QueueError> {
    let Some(parent) = moves::find(commit, queue, id).await? else {
        return Ok(());
    };
    if parent.state != State::WaitingChildren || edges::has_pending(commit, queue, id).await? {
        return Ok(());
    }
    go_on(commit, &parent).await
}

/// A parent goes on, after the wait it was added with if it has never run.
async fn go_on(commit: &mut Commit<'_>, parent: &super::rows::JobRow) -> Result<(), QueueError> {
    let start = moves::start_of(parent, commit.now);
    moves::to_delayed(commit, parent, start).await
}

fn refused(reason: String) -> QueueError {
    QueueError::Flow { reason }
}

//! Jobs that wait for others.

use purlin_base::BoxFuture;

use super::commit::{Commit, Ended};
use crate::{
    QueueError, State,
    store::{Added, NewJob},
};

/// Called before any of `jobs` is inserted, if one of them has parents or awaits children: refuses
/// cycles and parents that are not there.
pub(super) async fn before_add(
    _commit: &mut Commit<'_>,
    _jobs: &[NewJob],
) -> Result<(), QueueError> {
    Err(super::core::unfinished("flows"))
}

/// Called after all of `jobs` were inserted or found to be there, if one of them has parents or
/// awaits children.
pub(super) async fn after_add(
    _commit: &mut Commit<'_>,
    _jobs: &[NewJob],
    _added: &[Added],
) -> Result<(), QueueError> {
    Err(super::core::unfinished("flows"))
}

/// Called after a job with parents has ended or was removed. A parent that fails by it is ended in
/// turn, by [`Commit::ended`].
pub(super) fn after_end<'a>(
    _commit: &'a mut Commit<'_>,
    _ended: &'a Ended,
) -> BoxFuture<'a, Result<(), QueueError>> {
    Box::pin(async { Err(super::core::unfinished("flows")) })
}

/// Called after a worker has put the job it ran into `waiting-children`: where it goes from there,
/// which is ready if no child is pending, and failed if one has failed that fails it.
pub(super) async fn settle(
    _commit: &mut Commit<'_>,
    _queue: &str,
    _id: &str,
) -> Result<State, QueueError> {
    Err(super::core::unfinished("flows"))
}

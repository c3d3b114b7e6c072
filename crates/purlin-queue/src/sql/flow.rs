//! Jobs that wait for others.

use purlin_base::BoxFuture;

use super::commit::{Commit, Ended};
use crate::{
    QueueError,
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

/// Whether a job that ends its attempt by waiting for its children has one that has not ended.
pub(super) async fn has_pending_children(
    _commit: &mut Commit<'_>,
    _queue: &str,
    _id: &str,
) -> Result<bool, QueueError> {
    Err(super::core::unfinished("flows"))
}

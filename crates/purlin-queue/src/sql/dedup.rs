//! When a job that is added is one that is there already.

use super::commit::{Commit, Ended};
use crate::{
    QueueError,
    store::{Added, NewJob},
};

/// Called before a job with a deduplication key is inserted, whose id is not there yet. `Some`: it
/// is not inserted, and this is the answer. It may change the job, as its moment.
pub(super) async fn before_add(
    _commit: &mut Commit<'_>,
    _job: &mut NewJob,
) -> Result<Option<Added>, QueueError> {
    Err(super::core::unfinished("deduplication"))
}

/// Called after a job with a deduplication key has ended or was removed.
pub(super) async fn after_end(_commit: &mut Commit<'_>, _ended: &Ended) -> Result<(), QueueError> {
    Err(super::core::unfinished("deduplication"))
}

//! Jobs that come again and again.

use std::sync::Arc;

use purlin_base::Timestamp;

use super::{commit::Commit, core::Core};
use crate::{
    QueueError,
    store::{Schedule, ScheduleState},
};

pub(super) async fn upsert(
    _core: &Arc<Core>,
    _schedule: Schedule,
) -> Result<Timestamp, QueueError> {
    Err(super::core::unfinished("schedules"))
}

pub(super) async fn remove(
    _core: &Arc<Core>,
    _queue: String,
    _id: String,
) -> Result<bool, QueueError> {
    Err(super::core::unfinished("schedules"))
}

pub(super) async fn list(
    _core: &Arc<Core>,
    _queue: String,
) -> Result<Vec<ScheduleState>, QueueError> {
    Err(super::core::unfinished("schedules"))
}

/// A part of upkeep: adds the ticks of `queue` that are due, at most `max`; how many were added,
/// and the moment of the next one.
pub(super) async fn tick(
    _commit: &mut Commit<'_>,
    _queue: &str,
    _max: u32,
) -> Result<(u32, Option<i64>), QueueError> {
    Ok((0, None))
}

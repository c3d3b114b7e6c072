//! What can be looked at.

use std::sync::Arc;

use super::core::Core;
use crate::{
    JobRecord, QueueError,
    store::{Child, Counts, JobsQuery, LogPage, QueueSummary},
};

pub(super) async fn job(
    _core: &Arc<Core>,
    _queue: String,
    _id: String,
) -> Result<Option<JobRecord>, QueueError> {
    Err(super::core::unfinished("looking"))
}

pub(super) async fn jobs(
    _core: &Arc<Core>,
    _query: JobsQuery,
) -> Result<Vec<JobRecord>, QueueError> {
    Err(super::core::unfinished("looking"))
}

pub(super) async fn counts(_core: &Arc<Core>, _queue: String) -> Result<Counts, QueueError> {
    Err(super::core::unfinished("looking"))
}

pub(super) async fn logs(
    _core: &Arc<Core>,
    _queue: String,
    _id: String,
    _from: u64,
    _max: u32,
) -> Result<LogPage, QueueError> {
    Err(super::core::unfinished("looking"))
}

pub(super) async fn children(
    _core: &Arc<Core>,
    _queue: String,
    _id: String,
) -> Result<Vec<Child>, QueueError> {
    Err(super::core::unfinished("looking"))
}

pub(super) async fn queues(_core: &Arc<Core>) -> Result<Vec<QueueSummary>, QueueError> {
    Err(super::core::unfinished("looking"))
}

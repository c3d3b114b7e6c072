//! The workers that are there.

use std::{sync::Arc, time::Duration};

use super::core::Core;
use crate::{QueueError, store::Worker};

pub(super) async fn beat(
    _core: &Arc<Core>,
    _worker: Worker,
    _until: Duration,
) -> Result<(), QueueError> {
    Err(super::core::unfinished("workers"))
}

pub(super) async fn leave(
    _core: &Arc<Core>,
    _queue: String,
    _worker: String,
) -> Result<(), QueueError> {
    Err(super::core::unfinished("workers"))
}

pub(super) async fn list(_core: &Arc<Core>, _queue: String) -> Result<Vec<Worker>, QueueError> {
    Err(super::core::unfinished("workers"))
}

//! What time brings.

use std::sync::Arc;

use super::core::Core;
use crate::{QueueError, store::Upkeep};

pub(super) async fn upkeep(
    _core: &Arc<Core>,
    _queue: String,
    _max: u32,
) -> Result<Upkeep, QueueError> {
    Err(super::core::unfinished("upkeep"))
}

//! What operators do.

use std::sync::Arc;

use super::core::Core;
use crate::{
    QueueError,
    store::{Change, Control},
};

pub(super) async fn control(
    _core: &Arc<Core>,
    _queue: String,
    _control: Control,
) -> Result<u64, QueueError> {
    Err(super::core::unfinished("control"))
}

pub(super) async fn change(
    _core: &Arc<Core>,
    _queue: String,
    _id: String,
    _change: Change,
) -> Result<(), QueueError> {
    Err(super::core::unfinished("changes"))
}

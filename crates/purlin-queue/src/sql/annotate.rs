//! What running attempts note.

use std::sync::Arc;

use super::core::Core;
use crate::{
    Payload, QueueError,
    store::{Annotation, Lease},
};

pub(super) async fn annotate(
    _core: &Arc<Core>,
    _lease: Lease,
    _what: Annotation,
) -> Result<(), QueueError> {
    Err(super::core::unfinished("annotations"))
}

pub(super) async fn steps(
    _core: &Arc<Core>,
    _lease: Lease,
) -> Result<Vec<(String, Payload)>, QueueError> {
    Err(super::core::unfinished("steps"))
}

//! Leases.

use std::{sync::Arc, time::Duration};

use super::core::Core;
use crate::{
    QueueError,
    store::{Lease, Renewal},
};

pub(super) async fn renew(
    _core: &Arc<Core>,
    _leases: Vec<Lease>,
    _lease: Duration,
) -> Result<Vec<Renewal>, QueueError> {
    Err(super::core::unfinished("leases"))
}

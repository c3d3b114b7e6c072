//! Ends attempts, then takes jobs.

use super::commit::Commit;
use crate::{
    QueueError,
    store::{Turn, Turned},
};

pub(super) async fn turn(_commit: &mut Commit<'_>, _turn: &Turn) -> Result<Turned, QueueError> {
    Err(super::core::unfinished("turns"))
}

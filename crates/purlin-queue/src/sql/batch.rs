//! Calls of many callers in one commit.

use std::sync::Arc;

use purlin_sql::Db;

use super::{add, core::Core, turn};
use crate::{
    QueueError,
    store::{Added, NewJob, Turn, Turned},
};

/// What waits for the next commit.
pub(super) struct Batcher {}

impl Batcher {
    pub(super) fn new(_db: &Db) -> Self {
        Self {}
    }

    pub(super) async fn add(
        &self,
        core: &Arc<Core>,
        jobs: Vec<NewJob>,
    ) -> Result<Vec<Added>, QueueError> {
        let jobs = Arc::new(jobs);
        core.commit(move |commit| {
            let jobs = Arc::clone(&jobs);
            Box::pin(async move { add::add(commit, &jobs).await })
        })
        .await
    }

    pub(super) async fn turn(&self, core: &Arc<Core>, turn: Turn) -> Result<Turned, QueueError> {
        let turn = Arc::new(turn);
        core.commit(move |commit| {
            let turn = Arc::clone(&turn);
            Box::pin(async move { turn::turn(commit, &turn).await })
        })
        .await
    }
}

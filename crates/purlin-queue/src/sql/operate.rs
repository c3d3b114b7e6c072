//! What operators do.

use std::sync::Arc;

use super::{commit::Commit, core::Core, rows::JobRow};
use crate::{
    QueueError, State,
    state::{Answer, Command, answer},
    store::{Change, Control},
};

mod bulk;
mod change;
mod settings;
mod tree;

use bulk::Bulk;
pub(super) use settings::ensure;

/// Does something to a whole queue.
pub(super) async fn control(
    core: &Arc<Core>,
    queue: String,
    control: Control,
) -> Result<u64, QueueError> {
    let (bulk, max) = match control {
        Control::Pause => return settings::pause(core, queue, true).await,
        Control::Resume => return settings::pause(core, queue, false).await,
        Control::Limit(limits) => return settings::limit(core, queue, limits).await,
        Control::Retain(retention) => return settings::retain(core, queue, retention).await,
        Control::Drain { delayed, max } => (Bulk::Drain { delayed }, max),
        Control::Clean { state, grace, max } => (Bulk::clean(state, grace)?, max),
        Control::RetryAll { state, max } => (Bulk::retry(state)?, max),
        Control::PromoteAll { max } => (Bulk::Promote, max),
        Control::Obliterate { force, max } => (Bulk::Obliterate { force }, max),
    };
    bulk::run(core, queue, bulk, max).await
}

/// Does something to one job.
pub(super) async fn change(
    core: &Arc<Core>,
    queue: String,
    id: String,
    change: Change,
) -> Result<(), QueueError> {
    let what = Arc::new((queue, id, change));
    core.commit(move |commit| {
        let what = Arc::clone(&what);
        Box::pin(async move {
            let (queue, id, change) = &*what;
            change::change(commit, queue, id, change).await
        })
    })
    .await
}

/// What the table says of `command`; a refusal is an error.
fn ask(row: &JobRow, command: Command, wanted: &'static str) -> Result<Answer, QueueError> {
    match answer(row.state, command) {
        Answer::Refused => Err(refused(row, wanted)),
        allowed => Ok(allowed),
    }
}

fn refused(row: &JobRow, wanted: &'static str) -> QueueError {
    QueueError::State {
        id: row.id.clone(),
        state: row.state.name(),
        wanted,
    }
}

/// Runs a finished job again, from its first attempt. One that has failed goes on after the steps
/// it had done.
async fn redrive(commit: &mut Commit<'_>, row: &JobRow) -> Result<(), QueueError> {
    if row.state == State::Completed {
        let delete = "delete from purlin_job_steps where queue = $1 and id = $2";
        let delete = commit.tx.query(delete).bind(&row.queue).bind(&row.id);
        delete.execute().await?;
    }
    commit.notes.uncount(&row.queue, row.state, 1);
    let update = "update purlin_jobs set attempts_started = 0, attempts_made = 0, crashes = 0, \
                  result = null, failure_cause = null, failure_reason = null where seq = $1";
    commit.tx.query(update).bind(row.seq).execute().await?;
    super::moves::to_ready(commit, row).await?;
    if row.has_parents {
        super::flow::after_redrive(commit, &row.queue, &row.id).await?;
    }
    Ok(())
}

//! What is done to one job.

use std::time::Duration;

use super::{ask, redrive, refused, tree};
use crate::{
    QueueError, State,
    job::{Failure, FailureCause, PRIORITY_MAX},
    sql::{
        commit::Commit,
        keep, moves,
        rows::{JobRow, number_of, ready},
        time::micros,
    },
    state::{Answer, Command},
    store::Change,
};

/// Does something to one job.
pub(super) async fn change(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
    change: &Change,
) -> Result<(), QueueError> {
    let row = moves::expect(commit, queue, id).await?;
    match change {
        Change::Cancel => cancel(commit, &row).await,
        Change::Promote => {
            ask(&row, Command::Promote, "promoted")?;
            moves::to_ready(commit, &row).await
        }
        Change::Redrive => {
            ask(&row, Command::Redrive, "retried")?;
            redrive(commit, &row).await
        }
        Change::Bury { reason } => {
            ask(&row, Command::Bury, "moved to the dead letters")?;
            fail(commit, &row, FailureCause::Buried, reason).await
        }
        Change::Remove => {
            ask(&row, Command::Remove, "removed")?;
            tree::remove(commit, row).await
        }
        Change::Data(data) => {
            ask(&row, Command::Amend, "changed")?;
            let update = "update purlin_jobs set data = $2 where seq = $1";
            let update = commit.tx.query(update).bind(row.seq);
            update.bind(data.as_str()).execute().await?;
            Ok(())
        }
        Change::Priority(priority) => set_priority(commit, &row, *priority).await,
        Change::Delay(wait) => set_delay(commit, &row, *wait).await,
    }
}

/// Ends a job, or asks its worker to.
async fn cancel(commit: &mut Commit<'_>, row: &JobRow) -> Result<(), QueueError> {
    if ask(row, Command::Cancel, "cancelled")? == Answer::Flagged {
        let update = "update purlin_jobs set cancel_requested = 1 where seq = $1";
        commit.tx.query(update).bind(row.seq).execute().await?;
        return Ok(());
    }
    fail(commit, row, FailureCause::Cancelled, "cancelled").await
}

async fn fail(
    commit: &mut Commit<'_>,
    row: &JobRow,
    cause: FailureCause,
    reason: &str,
) -> Result<(), QueueError> {
    let reason = reason.to_owned();
    let ended = moves::to_failed(commit, row, Failure { cause, reason }).await?;
    commit.ended(&ended).await?;
    keep::after_end(commit, row, State::Failed).await
}

/// A job keeps its position among those of its new priority.
async fn set_priority(
    commit: &mut Commit<'_>,
    row: &JobRow,
    priority: u32,
) -> Result<(), QueueError> {
    if priority > PRIORITY_MAX {
        let (option, rule) = ("priority", "0 to 2097151");
        return Err(QueueError::Option { option, rule });
    }
    ask(row, Command::Amend, "changed")?;
    let state = match row.state.is_ready() {
        true => ready(priority),
        false => row.state,
    };
    let update = "update purlin_jobs set priority = $2, state = $3 where seq = $1";
    let update = commit.tx.query(update).bind(row.seq).bind(priority);
    update.bind(number_of(state)).execute().await?;
    Ok(())
}

async fn set_delay(
    commit: &mut Commit<'_>,
    row: &JobRow,
    wait: Duration,
) -> Result<(), QueueError> {
    ask(row, Command::Amend, "changed")?;
    if row.state != State::Delayed {
        return Err(refused(row, "delayed"));
    }
    let until = commit.now.saturating_add(micros(wait));
    let position = if row.options().lifo { -until } else { until };
    let update = "update purlin_jobs set at = $2, position = $3 where seq = $1";
    let update = commit.tx.query(update).bind(row.seq).bind(until);
    update.bind(position).execute().await?;
    Ok(())
}

//! Removes a job with its children that have not been started.

use crate::{
    QueueError,
    sql::{commit::Commit, gone, moves, rows::JobRow},
};

/// Removes a job, and below it every job that has not been started and that no other job waits for.
pub(super) async fn remove(commit: &mut Commit<'_>, top: JobRow) -> Result<(), QueueError> {
    let mut open = vec![top];
    while let Some(row) = open.pop() {
        let children = below(commit, &row).await?;
        gone::remove(commit, vec![row.into()]).await?;
        for (queue, id) in children {
            let child = moves::find(commit, &queue, &id).await?;
            if let Some(child) = child.filter(is_unstarted)
                && !is_waited_for(commit, &queue, &id).await?
            {
                open.push(child);
            }
        }
    }
    Ok(())
}

fn is_unstarted(row: &JobRow) -> bool {
    row.processed_at.is_none() && !row.state.is_finished()
}

/// The children of a job.
async fn below(commit: &mut Commit<'_>, row: &JobRow) -> Result<Vec<(String, String)>, QueueError> {
    let select = "select queue, id from purlin_job_children \
                  where parent_queue = $1 and parent_id = $2 order by queue, id";
    let select = commit.tx.query(select).bind(&row.queue).bind(&row.id);
    Ok(select.fetch_all::<(String, String)>().await?)
}

/// Whether a job has a parent.
async fn is_waited_for(commit: &mut Commit<'_>, queue: &str, id: &str) -> Result<bool, QueueError> {
    let select = "select 1 from purlin_job_children where queue = $1 and id = $2 limit 1";
    let select = commit.tx.query(select).bind(queue).bind(id);
    Ok(select.fetch_optional::<(i64,)>().await?.is_some())
}

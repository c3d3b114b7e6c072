//! What can be looked at.

use std::sync::Arc;

use purlin_sql::Query;

use super::{
    core::Core,
    flow,
    rows::{JobRow, job_columns},
};
use crate::{
    JobRecord, QueueError,
    store::{Child, Counts, JobsQuery, LogPage, QueueSummary},
};

mod counts;
mod jobs;
mod parents;

/// Lines of a log that one call reads at most; no job keeps more.
const LINES_MAX: u32 = 1000;

/// A job.
pub(super) async fn job(
    core: &Arc<Core>,
    queue: String,
    id: String,
) -> Result<Option<JobRecord>, QueueError> {
    let select = concat!(
        "select ",
        job_columns!(),
        " from purlin_jobs where queue = $1 and id = $2"
    );
    let select = core.db.read().query(select).bind(queue).bind(id);
    let row = select.fetch_optional::<JobRow>().await?;
    let records = parents::records(&core.db, row.into_iter().collect()).await?;
    Ok(records.into_iter().next())
}

/// Jobs of a queue, in the order they would be claimed, or newest first once finished.
pub(super) async fn jobs(core: &Arc<Core>, query: JobsQuery) -> Result<Vec<JobRecord>, QueueError> {
    jobs::jobs(&core.db, &query).await
}

/// How many jobs are in each state.
pub(super) async fn counts(core: &Arc<Core>, queue: String) -> Result<Counts, QueueError> {
    counts::counts(&core.db, &queue).await
}

/// Lines of a job's log, oldest first.
pub(super) async fn logs(
    core: &Arc<Core>,
    queue: String,
    id: String,
    from: u64,
    max: u32,
) -> Result<LogPage, QueueError> {
    let count = "select count(*) from purlin_job_logs where queue = $1 and id = $2";
    let count = core.db.read().query(count).bind(&queue).bind(&id);
    let (total,) = count.fetch_one::<(u64,)>().await?;
    let select = "select line from purlin_job_logs where queue = $1 and id = $2 \
                  order by n limit $3 offset $4";
    let select = core.db.read().query(select).bind(queue).bind(id);
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let select = select.bind(max.min(LINES_MAX)).bind(from);
    let lines = select.fetch_all::<(String,)>().await?;
    let lines = lines.into_iter().map(|(line,)| line).collect();
    Ok(LogPage { lines, total })
}

/// The children of a job and what became of them, by queue and id.
pub(super) async fn children(
    core: &Arc<Core>,
    queue: String,
    id: String,
) -> Result<Vec<Child>, QueueError> {
    flow::children(&core.db, &queue, &id).await
}

/// Every queue there is, by name.
pub(super) async fn queues(core: &Arc<Core>) -> Result<Vec<QueueSummary>, QueueError> {
    let all = Query::new("select name, paused, limits, retention from purlin_queues order by name");
    type Found = (String, bool, String, Option<String>);
    let rows = core.db.read().query(all).fetch_all::<Found>().await?;
    let summary = |(name, paused, limits, retention): Found| QueueSummary {
        name,
        paused,
        limits: serde_json::from_str(&limits).unwrap_or_default(),
        retention: retention
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
    };
    Ok(rows.into_iter().map(summary).collect())
}

//! Jobs that go, with everything that belongs to them.

use std::collections::BTreeMap;

use purlin_sql::Query;

use super::{
    commit::{Commit, Ended, Outcome},
    rows::JobRow,
};
use crate::{QueueError, State, store::EventKind};

/// A job that is to go.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    pub(super) queue: String,
    pub(super) id: String,
    /// The state it is in.
    pub(super) state: State,
    pub(super) has_parents: bool,
    pub(super) dedup_key: Option<String>,
}

impl From<JobRow> for Gone {
    fn from(row: JobRow) -> Self {
        Self {
            queue: row.queue,
            id: row.id,
            state: row.state,
            has_parents: row.has_parents,
            dedup_key: row.dedup_key,
        }
    }
}

/// Removes jobs by somebody's wish: their deduplication keys are free, and parents do not wait for
/// them any more.
pub(super) async fn remove(commit: &mut Commit<'_>, jobs: Vec<Gone>) -> Result<(), QueueError> {
    delete(commit, &jobs).await?;
    for gone in jobs {
        commit.wake(&gone.queue);
        commit.ended(&ended(gone)).await?;
    }
    Ok(())
}

/// Drops finished jobs that are not kept any longer: a key that holds for a time goes on to hold.
pub(super) async fn drop_old(commit: &mut Commit<'_>, jobs: Vec<Gone>) -> Result<(), QueueError> {
    delete(commit, &jobs).await?;
    for gone in jobs.into_iter().filter(|gone| gone.has_parents) {
        let dedup_key = None;
        commit
            .ended(&Ended {
                dedup_key,
                ..ended(gone)
            })
            .await?;
    }
    Ok(())
}

fn ended(gone: Gone) -> Ended {
    Ended {
        queue: gone.queue,
        id: gone.id,
        dedup_key: gone.dedup_key,
        has_parents: gone.has_parents,
        outcome: Outcome::Removed,
    }
}

/// Deletes the rows, and tells.
async fn delete(commit: &mut Commit<'_>, jobs: &[Gone]) -> Result<(), QueueError> {
    let mut queues: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for gone in jobs {
        queues.entry(&gone.queue).or_default().push(&gone.id);
        commit.note(&gone.queue, &gone.id, &EventKind::Removed);
        commit.notes.uncount(&gone.queue, gone.state, 1);
    }
    for (queue, ids) in queues {
        delete_rows(commit, queue, &ids).await?;
    }
    Ok(())
}

async fn delete_rows(commit: &mut Commit<'_>, queue: &str, ids: &[&str]) -> Result<(), QueueError> {
    let list = serde_json::to_string(ids).expect("texts have a form in JSON");
    let among = match commit.core.is_sqlite() {
        true => "(select value from json_each($1))",
        false => "(select jsonb_array_elements_text($1::text::jsonb))",
    };
    for table in [
        "delete from purlin_job_tags where queue = $1 and id in ",
        "delete from purlin_job_logs where queue = $1 and id in ",
        "delete from purlin_job_steps where queue = $1 and id in ",
        "delete from purlin_job_children where parent_queue = $1 and parent_id in ",
        "delete from purlin_jobs where queue = $1 and id in ",
    ] {
        let among = Query::new(among).bind(&list);
        let delete = Query::new(table).bind(queue).push(among);
        commit.tx.query(delete).execute().await?;
    }
    Ok(())
}

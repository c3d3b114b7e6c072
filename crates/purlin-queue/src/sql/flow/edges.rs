//! The rows between parents and children.

use purlin_sql::Query;

use super::Key;
use crate::{
    Payload, QueueError,
    job::Failure,
    sql::{commit::Commit, rows::by_word},
    store::{Child, ChildOutcome, OnChildFailure},
};

/// Edges that one statement inserts at most.
const EDGES_AT_ONCE: usize = 100;

/// The way from a child to a parent.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) parent: Key,
    pub(super) child: Key,
    pub(super) on_failure: OnChildFailure,
}

/// What a child's end leaves on an edge.
pub(super) enum Mark<'a> {
    Completed(&'a Payload),
    Failed(&'a Failure),
}

/// Inserts edges, all pending; those that are there stay as they are.
pub(super) async fn insert(commit: &mut Commit<'_>, edges: &[Edge]) -> Result<(), QueueError> {
    for some in edges.chunks(EDGES_AT_ONCE) {
        let rows = some.iter().map(|edge| {
            Query::new("($1, $2, $3, $4, $5)")
                .bind(&edge.parent.0)
                .bind(&edge.parent.1)
                .bind(&edge.child.0)
                .bind(&edge.child.1)
                .bind(crate::sql::rows::word(&edge.on_failure))
        });
        let insert = Query::new(
            "insert into purlin_job_children (parent_queue, parent_id, queue, id, on_failure) values ",
        )
        .push(Query::join(rows, ", "))
        .push(" on conflict (parent_queue, parent_id, queue, id) do nothing");
        commit.tx.query(insert).execute().await?;
    }
    Ok(())
}

/// The edges up from a job, in an order that is the same for everybody who locks parents.
pub(super) async fn up(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<Vec<Edge>, QueueError> {
    let select = "select parent_queue, parent_id, on_failure from purlin_job_children \
                  where queue = $1 and id = $2 order by parent_queue, parent_id";
    let select = commit.tx.query(select).bind(queue).bind(id);
    let rows = select.fetch_all::<(String, String, String)>().await?;
    let edge = |(parent_queue, parent_id, on_failure): (String, String, String)| Edge {
        parent: (parent_queue, parent_id),
        child: (queue.to_owned(), id.to_owned()),
        on_failure: by_word(&on_failure).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(edge).collect())
}

/// Writes down what became of the child.
pub(super) async fn record(
    commit: &mut Commit<'_>,
    edge: &Edge,
    mark: &Mark<'_>,
) -> Result<(), QueueError> {
    let (outcome, value) = match mark {
        Mark::Completed(result) => ("completed", result.as_str().to_owned()),
        Mark::Failed(failure) => ("failed", text(failure)),
    };
    let update = Query::new("update purlin_job_children set outcome = $1, value = $2 ");
    let update = update.bind(outcome).bind(value).push(only(edge));
    commit.tx.query(update).execute().await?;
    Ok(())
}

/// Takes an edge away.
pub(super) async fn remove(commit: &mut Commit<'_>, edge: &Edge) -> Result<(), QueueError> {
    let delete = Query::new("delete from purlin_job_children ").push(only(edge));
    commit.tx.query(delete).execute().await?;
    Ok(())
}

/// Takes an edge away if it is pending.
pub(super) async fn remove_pending(commit: &mut Commit<'_>, edge: &Edge) -> Result<(), QueueError> {
    let delete = Query::new("delete from purlin_job_children ").push(only(edge));
    let delete = delete.push(" and outcome is null");
    commit.tx.query(delete).execute().await?;
    Ok(())
}

fn only(edge: &Edge) -> Query {
    Query::new("where parent_queue = $1 and parent_id = $2 and queue = $3 and id = $4")
        .bind(&edge.parent.0)
        .bind(&edge.parent.1)
        .bind(&edge.child.0)
        .bind(&edge.child.1)
}

/// Makes the edges from a child to parents that still wait pending again.
pub(super) async fn reopen(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<(), QueueError> {
    for edge in up(commit, queue, id).await? {
        let (parent_queue, parent_id) = &edge.parent;
        let parent = crate::sql::moves::find(commit, parent_queue, parent_id).await?;
        if parent.is_some_and(|parent| parent.state == crate::State::WaitingChildren) {
            let update = Query::new("update purlin_job_children set outcome = null, value = null ");
            commit.tx.query(update.push(only(&edge))).execute().await?;
        }
    }
    Ok(())
}

/// Whether a child of that parent has not ended.
pub(super) async fn has_pending(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<bool, QueueError> {
    let select = "select 1 from purlin_job_children \
                  where parent_queue = $1 and parent_id = $2 and outcome is null limit 1";
    let select = commit.tx.query(select).bind(queue).bind(id);
    Ok(select.fetch_optional::<(i64,)>().await?.is_some())
}

/// The first child of that parent which has failed and fails it.
pub(super) async fn fatal(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<Option<Key>, QueueError> {
    let select = "select queue, id from purlin_job_children where parent_queue = $1 \
                  and parent_id = $2 and outcome = 'failed' and on_failure = 'fail' \
                  order by queue, id limit 1";
    let select = commit.tx.query(select).bind(queue).bind(id);
    Ok(select.fetch_optional::<Key>().await?)
}

/// The children of a job and what became of them, by queue and id.
pub(in crate::sql) async fn children(
    db: &purlin_sql::Db,
    queue: &str,
    id: &str,
) -> Result<Vec<Child>, QueueError> {
    let select = "select queue, id, on_failure, outcome, value from purlin_job_children \
                  where parent_queue = $1 and parent_id = $2 order by queue, id";
    type Found = (String, String, String, Option<String>, Option<String>);
    let select = db.read().query(select).bind(queue).bind(id);
    let rows = select.fetch_all::<Found>().await?;
    let child = |(queue, id, on_failure, outcome, value): Found| Child {
        queue,
        id,
        on_failure: by_word(&on_failure).unwrap_or_default(),
        outcome: outcome_of(outcome.as_deref(), value),
    };
    Ok(rows.into_iter().map(child).collect())
}

fn outcome_of(outcome: Option<&str>, value: Option<String>) -> ChildOutcome {
    let value = value.map_or_else(Payload::null, Payload::from_json);
    match outcome {
        None => ChildOutcome::Pending,
        Some("completed") => ChildOutcome::Completed(value),
        Some(_) => ChildOutcome::Failed(value.decode().unwrap_or(Failure {
            cause: crate::job::FailureCause::Error,
            reason: String::new(),
        })),
    }
}

fn text(failure: &Failure) -> String {
    serde_json::to_string(failure).expect("a failure has a form in JSON")
}

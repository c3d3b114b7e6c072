//! Lists of jobs.

use purlin_sql::{Db, Query};

use super::parents;
use crate::{
    JobRecord, QueueError, State,
    sql::rows::{JobRow, job_columns, number_of},
    store::JobsQuery,
};

/// Jobs that one question names at most.
const JOBS_MAX: u32 = 1000;

/// The jobs that are asked for: state by state, in the order of [`State::ALL`].
pub(super) async fn jobs(db: &Db, query: &JobsQuery) -> Result<Vec<JobRecord>, QueueError> {
    let lanes = has_lanes(db, &query.queue).await?;
    let wanted = |state: &State| query.states.is_empty() || query.states.contains(state);
    let max = query.max.min(JOBS_MAX) as usize;
    let mut offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
    let mut rows: Vec<JobRow> = Vec::new();
    for state in State::ALL.into_iter().filter(wanted) {
        let left = max - rows.len();
        if left == 0 {
            break;
        }
        let page = select(query, state, lanes).push(order(state)).push(
            Query::new(" limit $1 offset $2")
                .bind(left as i64)
                .bind(offset),
        );
        let found = db.read().query(page).fetch_all::<JobRow>().await?;
        offset = match found.is_empty() && offset > 0 {
            true => offset - count(db, query, state, lanes).await?,
            false => 0,
        };
        rows.extend(found);
    }
    parents::records(db, rows).await
}

/// Whether jobs of the queue may have a tenant or a limit key: without, the index of ready jobs
/// holds them in the order of their claims.
async fn has_lanes(db: &Db, queue: &str) -> Result<bool, QueueError> {
    let select = db
        .read()
        .query("select lanes from purlin_queues where name = $1");
    let lanes = select.bind(queue).fetch_optional::<(bool,)>().await?;
    Ok(lanes.is_some_and(|(lanes,)| lanes))
}

fn select(query: &JobsQuery, state: State, lanes: bool) -> Query {
    let select = concat!("select ", job_columns!(), " from purlin_jobs ");
    Query::new(select).push(which(query, state, lanes))
}

/// How many jobs in `state` there are to pass over.
async fn count(db: &Db, query: &JobsQuery, state: State, lanes: bool) -> Result<i64, QueueError> {
    let count = Query::new("select count(*) from purlin_jobs ").push(which(query, state, lanes));
    let (count,) = db.read().query(count).fetch_one::<(i64,)>().await?;
    Ok(count)
}

/// The jobs in `state`, by conditions of the words of the index that holds them.
fn which(query: &JobsQuery, state: State, lanes: bool) -> Query {
    let mut which = Query::new("where queue = $1 and state = $2")
        .bind(&query.queue)
        .bind(number_of(state))
        .push(match state {
            State::Waiting | State::Prioritized if lanes => " and state in (0, 1) and tenant >= ''",
            State::Waiting | State::Prioritized => {
                " and state in (0, 1) and tenant = '' and limit_key = ''"
            }
            State::WaitingChildren => " and state = 4",
            _ => " and state in (2, 3, 5, 6)",
        });
    if let Some(tag) = &query.tag {
        let tagged = " and id in (select id from purlin_job_tags where queue = $1 and tag = $2)";
        which = which.push(Query::new(tagged).bind(&query.queue).bind(tag));
    }
    if let Some(name) = &query.name {
        which = which.push(Query::new(" and name = $1").bind(name));
    }
    which
}

fn order(state: State) -> &'static str {
    match state {
        State::Waiting | State::Prioritized => " order by priority, position, seq",
        State::Delayed => " order by at, seq",
        State::Active | State::WaitingChildren => " order by seq",
        State::Completed | State::Failed => " order by at desc, seq desc",
    }
}

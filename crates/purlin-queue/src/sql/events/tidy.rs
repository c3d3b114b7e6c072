//! Drops what has become old: events, counts of minutes, keys that hold no more, workers that are
//! gone.

use purlin_sql::{FromRow, Query};

use super::{ALL_MINUTES, MINUTE_MICROS, MINUTES_MAX};
use crate::{QueueError, sql::commit::Commit};

/// Rows of events that are kept for each queue, about.
const ROWS_KEPT: i64 = 10_000;

#[derive(FromRow)]
struct Old {
    first_event: Option<i64>,
    last_event: Option<i64>,
    minutes: bool,
    keys: bool,
    workers: bool,
}

/// A part of upkeep: drops what has become old of `queue`, at most `max` rows of each kind. Nothing
/// is written unless there is something to drop.
pub(in crate::sql) async fn trim(
    commit: &mut Commit<'_>,
    queue: &str,
    max: u32,
) -> Result<(), QueueError> {
    let old = look(commit, queue).await?;
    let events = old.last_event.unwrap_or(0) - old.first_event.unwrap_or(0);
    let now = commit.now;
    let deletes = [
        // A tenth more than what is kept, so that rows go by the hundred and not one by one.
        (events > ROWS_KEPT + ROWS_KEPT / 10).then(|| old_events(queue, max)),
        old.minutes.then(|| old_minutes(queue, now)),
        old.keys.then(|| old_keys(queue, now, max)),
        old.workers.then(|| old_workers(queue, now)),
    ];
    for delete in deletes.into_iter().flatten() {
        commit.tx.query(delete).execute().await?;
    }
    Ok(())
}

async fn look(commit: &mut Commit<'_>, queue: &str) -> Result<Old, QueueError> {
    let now = commit.now;
    let select = "select \
        (select n from purlin_queue_events where queue = $1 order by n limit 1) as first_event, \
        (select n from purlin_queue_events where queue = $1 order by n desc limit 1) as last_event, \
        exists (select 1 from purlin_queue_minutes \
                where queue = $1 and minute > $2 and minute < $3) as minutes, \
        exists (select 1 from purlin_queue_dedup where queue = $1 and until is not null \
                and until <= $4 and kept is null) as keys, \
        exists (select 1 from purlin_queue_workers \
                where queue = $1 and until <= $4) as workers";
    let select = commit.tx.query(select).bind(queue).bind(ALL_MINUTES);
    let select = select.bind(oldest_minute(now)).bind(now);
    Ok(select.fetch_one::<Old>().await?)
}

fn oldest_minute(now: i64) -> i64 {
    now.div_euclid(MINUTE_MICROS) - i64::from(MINUTES_MAX)
}

/// The rows before the newest [`ROWS_KEPT`].
fn old_events(queue: &str, max: u32) -> Query {
    let delete = "delete from purlin_queue_events where n in \
                  (select n from purlin_queue_events where queue = $1 and n < \
                   (select n from purlin_queue_events where queue = $1 \
                    order by n desc limit 1 offset $2) order by n limit $3)";
    let newest = ROWS_KEPT - 1;
    Query::new(delete).bind(queue).bind(newest).bind(max)
}

fn old_minutes(queue: &str, now: i64) -> Query {
    let delete = "delete from purlin_queue_minutes \
                  where queue = $1 and minute > $2 and minute < $3";
    let delete = Query::new(delete).bind(queue).bind(ALL_MINUTES);
    delete.bind(oldest_minute(now))
}

/// Keys whose time has passed; one with a job that is to follow holds until the job before it has
/// ended.
fn old_keys(queue: &str, now: i64, max: u32) -> Query {
    let delete = "delete from purlin_queue_dedup where queue = $1 and key in \
                  (select key from purlin_queue_dedup where queue = $1 and until is not null \
                   and until <= $2 and kept is null order by until limit $3) \
                  and until <= $2 and kept is null";
    Query::new(delete).bind(queue).bind(now).bind(max)
}

fn old_workers(queue: &str, now: i64) -> Query {
    let delete = "delete from purlin_queue_workers where queue = $1 and until <= $2";
    Query::new(delete).bind(queue).bind(now)
}

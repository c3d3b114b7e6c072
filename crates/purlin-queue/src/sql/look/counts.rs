//! How many jobs are in each state.
//!
//! Jobs that are to run are counted in their indexes, without a look at their rows: about ten
//! million a second. Finished ones, which may be many times more, are not: every commit that ends
//! jobs or drops them writes down how many, in the row that is written anyway for the counts by
//! the minute.

use purlin_sql::{Db, FromRow};

use crate::{QueueError, sql::events::ALL_MINUTES, store::Counts};

#[derive(FromRow)]
struct Counted {
    waiting: u64,
    prioritized: u64,
    delayed: u64,
    active: u64,
    waiting_children: u64,
    completed: Option<i64>,
    failed: Option<i64>,
}

/// A partial index is found by its own words, so each condition on `state` repeats them; without
/// the one on `tenant` SQLite takes the index by id, and reads every row of the queue.
const COUNT: &str = "select \
    (select count(*) from purlin_jobs where queue = $1 and state in (0, 1) and tenant >= '' \
        and priority = 0) as waiting, \
    (select count(*) from purlin_jobs where queue = $1 and state in (0, 1) and tenant >= '' \
        and priority > 0) as prioritized, \
    (select count(*) from purlin_jobs where queue = $1 and state = 2 and state in (2, 3, 5, 6)) \
        as delayed, \
    (select count(*) from purlin_jobs where queue = $1 and state = 3 and state in (2, 3, 5, 6)) \
        as active, \
    (select count(*) from purlin_jobs where queue = $1 and state = 4) as waiting_children, \
    (select cast(sum(completed) as bigint) from purlin_queue_minutes \
        where queue = $1 and minute = $2) as completed, \
    (select cast(sum(failed) as bigint) from purlin_queue_minutes \
        where queue = $1 and minute = $2) as failed";

pub(super) async fn counts(db: &Db, queue: &str) -> Result<Counts, QueueError> {
    let count = db.read().query(COUNT).bind(queue).bind(ALL_MINUTES);
    let counted = count.fetch_one::<Counted>().await?;
    let kept = |count: Option<i64>| u64::try_from(count.unwrap_or(0)).unwrap_or(0);
    Ok(Counts {
        waiting: counted.waiting,
        prioritized: counted.prioritized,
        delayed: counted.delayed,
        active: counted.active,
        waiting_children: counted.waiting_children,
        completed: kept(counted.completed),
        failed: kept(counted.failed),
    })
}

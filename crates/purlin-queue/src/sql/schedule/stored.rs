//! Schedules as rows.

use purlin_base::Timestamp;
use purlin_sql::Query;

use crate::{
    Payload, QueueError,
    sql::commit::Commit,
    store::{Schedule, ScheduleState},
};

/// Schedules of a queue that are listed at most.
const SCHEDULES_MAX: u32 = 10_000;

const SELECT: &str = "select schedule, next_at, ticks, last_job from purlin_queue_schedules ";

/// The columns of a schedule.
pub(super) type Row = (String, Option<i64>, u64, Option<String>);

/// A schedule, and where it is.
pub(super) struct Stored {
    pub(super) schedule: Schedule,
    next_at: Option<i64>,
    pub(super) ticks: u64,
    pub(super) last_job: Option<String>,
}

impl Stored {
    pub(super) fn read((schedule, next_at, ticks, last_job): Row) -> Result<Self, QueueError> {
        Ok(Self {
            schedule: read(&schedule)?,
            next_at,
            ticks,
            last_job,
        })
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.next_at.map(Timestamp::from_unix_micros)
    }

    pub(super) fn state(self) -> ScheduleState {
        ScheduleState {
            next: self.next(),
            ticks: self.ticks,
            schedule: self.schedule,
        }
    }
}

/// The schedules of a queue, by id.
pub(super) fn all(queue: &str) -> Query {
    let all = Query::new("where queue = $1 order by id limit $2");
    Query::new(SELECT).push(all.bind(queue).bind(SCHEDULES_MAX))
}

/// The schedule of that id, kept from others until the commit.
pub(super) async fn find(
    commit: &mut Commit<'_>,
    queue: &str,
    id: &str,
) -> Result<Option<Stored>, QueueError> {
    let one = Query::new("where queue = $1 and id = $2")
        .bind(queue)
        .bind(id);
    let mut select = Query::new(SELECT).push(one);
    if !commit.core.is_sqlite() {
        select = select.push(" for update");
    }
    let row = commit.tx.query(select).fetch_optional::<Row>().await?;
    row.map(Stored::read).transpose()
}

/// Adds a schedule or replaces it; the ticks it has made and the last one's job stay.
pub(super) async fn put(
    commit: &mut Commit<'_>,
    schedule: &Schedule,
    next: Timestamp,
) -> Result<(), QueueError> {
    let insert = "insert into purlin_queue_schedules (queue, id, schedule, next_at) \
                  values ($1, $2, $3, $4) on conflict (queue, id) do update set \
                  schedule = excluded.schedule, next_at = excluded.next_at";
    let insert = commit.tx.query(insert).bind(&schedule.queue);
    let insert = insert.bind(&schedule.id).bind(text(schedule));
    insert.bind(next.unix_micros()).execute().await?;
    Ok(())
}

/// The schedules that are due, at most `max`, those that have waited longest first.
pub(super) async fn due(
    commit: &mut Commit<'_>,
    queue: &str,
    max: u32,
) -> Result<Vec<String>, QueueError> {
    let select = "select id from purlin_queue_schedules where queue = $1 \
                  and next_at is not null and next_at <= $2 order by next_at, id limit $3";
    let now = commit.now;
    let select = commit.tx.query(select).bind(queue).bind(now).bind(max);
    let ids = select.fetch_all::<(String,)>().await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// The moment of the queue's next tick.
pub(super) async fn next(commit: &mut Commit<'_>, queue: &str) -> Result<Option<i64>, QueueError> {
    let select = "select next_at from purlin_queue_schedules where queue = $1 \
                  and next_at is not null order by next_at limit 1";
    let select = commit.tx.query(select).bind(queue);
    let next = select.fetch_optional::<(i64,)>().await?;
    Ok(next.map(|(next,)| next))
}

/// Moves a schedule on from `from`, where it was read.
pub(super) async fn move_on(
    commit: &mut Commit<'_>,
    stored: &Stored,
    from: Timestamp,
    next: Option<Timestamp>,
) -> Result<(), QueueError> {
    let update = "update purlin_queue_schedules set next_at = $3, ticks = $4, last_job = $5 \
                  where queue = $1 and id = $2 and next_at = $6";
    let update = commit.tx.query(update).bind(&stored.schedule.queue);
    let update = update.bind(&stored.schedule.id);
    let update = update.bind(next.map(Timestamp::unix_micros));
    let ticks = i64::try_from(stored.ticks).unwrap_or(i64::MAX);
    let update = update.bind(ticks).bind(stored.last_job.as_deref());
    update.bind(from.unix_micros()).execute().await?;
    Ok(())
}

/// Lets a schedule make no ticks, until it is put in again.
pub(super) async fn stop(commit: &mut Commit<'_>, queue: &str, id: &str) -> Result<(), QueueError> {
    let update = "update purlin_queue_schedules set next_at = null where queue = $1 and id = $2";
    let update = commit.tx.query(update).bind(queue).bind(id);
    update.execute().await?;
    Ok(())
}

/// The schedule as JSON, and its payload as a text beside it, so that it comes out as it went in.
fn text(schedule: &Schedule) -> String {
    let bare = Schedule {
        data: Payload::null(),
        ..schedule.clone()
    };
    serde_json::to_string(&(bare, schedule.data.as_str())).expect("a schedule has a form in JSON")
}

fn read(text: &str) -> Result<Schedule, QueueError> {
    let read: Result<(Schedule, String), _> = serde_json::from_str(text);
    let (bare, data) = read.map_err(|error| QueueError::Payload {
        name: "schedule".to_owned(),
        reason: error.to_string(),
    })?;
    let data = Payload::from_json(data);
    Ok(Schedule { data, ..bare })
}

//! What has happened: told by every commit, kept for a while, read with marks.
//!
//! A commit writes one row of events and one of counts for each queue it touched. [`Notes`]
//! gathers both while the commit is prepared.

use std::sync::Arc;

use purlin_base::Timestamp;

use super::{commit::Commit, core::Core};
use crate::{
    QueueError,
    store::{Event, MinuteCount},
};

mod kind;
mod mark;
mod notes;
mod read;
mod tidy;

pub(super) use notes::Notes;
pub(super) use tidy::trim;

/// The minute that stands for all there ever were: its counts are those of the jobs that are
/// finished and still there.
pub(super) const ALL_MINUTES: i64 = 0;

/// Minutes that [`rates`] tells of at most, and that are kept: a day.
const MINUTES_MAX: u32 = 24 * 60;

const MINUTE_MICROS: i64 = 60_000_000;

/// Writes down what the commit has noted. Comes last in it: on Postgres the counts of a minute are
/// a row that others wait for.
pub(super) async fn flush(commit: &mut Commit<'_>) -> Result<(), QueueError> {
    let notes = std::mem::take(&mut commit.notes);
    for query in notes.queries(commit.now) {
        commit.tx.query(query).execute().await?;
    }
    Ok(())
}

/// Events of `queue` after `after`, at most `max`, and the mark to go on from.
pub(super) async fn read(
    core: &Arc<Core>,
    queue: String,
    after: Option<String>,
    max: u32,
) -> Result<(Vec<Event>, String), QueueError> {
    read::read(&core.db, &queue, after, max).await
}

/// Jobs that ended in each of the last `minutes` minutes, at most a day of them, oldest first.
pub(super) async fn rates(
    core: &Arc<Core>,
    queue: String,
    minutes: u32,
) -> Result<Vec<MinuteCount>, QueueError> {
    let last = core.now().await?.div_euclid(MINUTE_MICROS);
    let first = last - i64::from(minutes.min(MINUTES_MAX)) + 1;
    let select = "select minute, cast(sum(completed) as bigint), cast(sum(failed) as bigint) \
                  from purlin_queue_minutes where queue = $1 and minute >= $2 and minute <= $3 \
                  group by minute order by minute";
    let select = core.db.read().query(select).bind(&queue).bind(first);
    let counted = select.bind(last).fetch_all::<(i64, u64, u64)>().await?;
    let mut counted = counted.into_iter().peekable();
    let count = |minute: i64| {
        let (completed, failed) = match counted.next_if(|(of, ..)| *of == minute) {
            Some((_, completed, failed)) => (completed, failed),
            None => (0, 0),
        };
        MinuteCount {
            minute: Timestamp::from_unix_micros(minute * MINUTE_MICROS),
            completed,
            failed,
        }
    };
    Ok((first..=last).map(count).collect())
}

//! Reads what has happened.

use purlin_base::Timestamp;
use purlin_sql::{Db, Query};

use super::{kind::Line, mark::Mark};
use crate::{QueueError, store::Event};

/// Rows that one call reads at most.
const ROWS_MAX: u32 = 200;

/// One commit's events.
struct Row {
    n: i64,
    at: i64,
    events: String,
}

/// Events of `queue` after `after`, at most `max`, and the mark to go on from.
pub(super) async fn read(
    db: &Db,
    queue: &str,
    after: Option<String>,
    max: u32,
) -> Result<(Vec<Event>, String), QueueError> {
    let is_postgres = db.engine() == "postgres";
    let mark = after.and_then(|mark| mark.parse::<Mark>().ok());
    // A mark of the other engine is none: it is as if none was given.
    let Some(mark) = mark.filter(|mark| mark.seen.is_empty() != is_postgres) else {
        let mark = match is_postgres {
            true => postgres_now(db).await?,
            false => sqlite_now(db, queue).await?,
        };
        return Ok((Vec::new(), mark.to_string()));
    };
    let rows_max = max.clamp(1, ROWS_MAX);
    let (mark, rows) = match is_postgres {
        true => postgres(db, queue, mark, rows_max).await?,
        false => (mark.clone(), sqlite(db, queue, &mark, rows_max).await?),
    };
    let is_last = rows.len() < rows_max as usize;
    let (events, mark) = take(rows, mark, max.max(1) as usize, is_last);
    Ok((events, mark.to_string()))
}

/// At most `max` events of `rows`, and the mark after them.
fn take(rows: Vec<Row>, mut mark: Mark, max: usize, is_last: bool) -> (Vec<Event>, Mark) {
    let mut taken = Vec::new();
    for row in rows {
        let lines: Vec<Line> = serde_json::from_str(&row.events).unwrap_or_default();
        let skip = if row.n == mark.row { mark.skip } else { 0 };
        let left = lines.len().saturating_sub(skip);
        let room = max - taken.len();
        let at = Timestamp::from_unix_micros(row.at);
        let some = lines.into_iter().skip(skip).take(room);
        taken.extend(some.filter_map(|line| line.event(at)));
        if left > room {
            (mark.row, mark.skip) = (row.n, skip + room);
            return (taken, mark);
        }
        (mark.row, mark.skip) = (row.n + 1, 0);
    }
    if is_last && let Some(seen) = mark.reading.take() {
        mark = Mark {
            seen,
            ..Mark::default()
        };
    }
    (taken, mark)
}

async fn sqlite_now(db: &Db, queue: &str) -> Result<Mark, QueueError> {
    let last = "select coalesce(max(n), 0) from purlin_queue_events where queue = $1";
    let (last,) = db
        .read()
        .query(last)
        .bind(queue)
        .fetch_one::<(i64,)>()
        .await?;
    Ok(Mark {
        row: last + 1,
        ..Mark::default()
    })
}

async fn postgres_now(db: &Db) -> Result<Mark, QueueError> {
    let now = "select pg_current_snapshot()::text";
    let (seen,) = db.read().query(now).fetch_one::<(String,)>().await?;
    Ok(Mark {
        seen,
        ..Mark::default()
    })
}

async fn sqlite(db: &Db, queue: &str, mark: &Mark, rows: u32) -> Result<Vec<Row>, QueueError> {
    let select = "select n, at, events from purlin_queue_events where queue = $1 and n >= $2 \
                  order by n limit $3";
    let select = db.read().query(select).bind(queue).bind(mark.row);
    let rows = select.bind(rows).fetch_all::<(i64, i64, String)>().await?;
    Ok(rows
        .into_iter()
        .map(|(n, at, events)| Row { n, at, events })
        .collect())
}

/// The rows that the mark's snapshot does not show, and the mark with the snapshot they are of.
async fn postgres(
    db: &Db,
    queue: &str,
    mark: Mark,
    rows: u32,
) -> Result<(Mark, Vec<Row>), QueueError> {
    let mut unseen = Query::new(
        "select n, at, events from purlin_queue_events where queue = $1 and n >= $2 \
         and tx >= pg_snapshot_xmin($3::text::pg_snapshot) \
         and not pg_visible_in_snapshot(tx, $3::text::pg_snapshot)",
    )
    .bind(queue)
    .bind(mark.row)
    .bind(&mark.seen);
    if let Some(reading) = &mark.reading {
        let seen = Query::new(" and pg_visible_in_snapshot(tx, $1::text::pg_snapshot)");
        unseen = unseen.push(seen.bind(reading));
    }
    let unseen = unseen.push(Query::new(" order by n limit $1").bind(rows));
    let select = Query::new("select s.snapshot, e.n, e.at, e.events ")
        .push("from (select pg_current_snapshot()::text as snapshot) s left join lateral (")
        .push(unseen)
        .push(") e on true order by e.n");
    type Found = (String, Option<i64>, Option<i64>, Option<String>);
    let found = db.read().query(select).fetch_all::<Found>().await?;
    let snapshot = found.first().map(|(snapshot, ..)| snapshot.clone());
    let rows = found.into_iter().filter_map(|(_, n, at, events)| {
        let (n, at, events) = (n?, at?, events?);
        Some(Row { n, at, events })
    });
    let rows = rows.collect();
    let reading = mark.reading.or(snapshot);
    Ok((Mark { reading, ..mark }, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: i64, jobs: &[&str]) -> Row {
        let lines: Vec<_> = jobs
            .iter()
            .map(|job| (job, "added", None::<String>))
            .collect();
        let events = serde_json::to_string(&lines).unwrap();
        Row { n, at: 0, events }
    }

    #[test]
    fn a_commit_of_many_events_is_read_over_several_calls() {
        let rows = || vec![row(4, &["a", "b", "c"]), row(9, &["d"])];
        let mut mark = Mark {
            row: 4,
            ..Mark::default()
        };
        let mut read = Vec::new();
        loop {
            let left = rows().into_iter().filter(|row| row.n >= mark.row).collect();
            let (events, next) = take(left, mark, 2, true);
            if events.is_empty() {
                break;
            }
            assert!(events.len() <= 2);
            read.extend(events.into_iter().map(|event| event.job));
            mark = next;
        }
        assert_eq!(read, ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_snapshot_that_was_read_in_full_is_what_was_seen() {
        let mark = Mark {
            seen: "1:1:".into(),
            reading: Some("5:5:".into()),
            ..Mark::default()
        };
        let (_, half) = take(vec![row(3, &["a", "b"])], mark.clone(), 1, true);
        assert_eq!((half.seen.as_str(), half.row, half.skip), ("1:1:", 3, 1));
        let (_, done) = take(vec![row(3, &["a", "b"])], half, 5, true);
        assert_eq!(done.seen, "5:5:");
        assert_eq!((done.reading, done.row), (None, 0));
    }
}

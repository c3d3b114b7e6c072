//! What a commit has to tell, gathered while it is prepared.

use std::collections::BTreeMap;

use purlin_sql::Query;

use super::{ALL_MINUTES, MINUTE_MICROS, kind};
use crate::{State, store::EventKind};

/// What a commit has to tell of each queue.
#[derive(Debug, Default)]
pub(in crate::sql) struct Notes(BTreeMap<String, Told>);

#[derive(Debug, Default)]
struct Told {
    /// The beginning of a JSON array.
    events: Vec<u8>,
    /// Jobs that came to an end.
    ended: Finished,
    /// How many more finished jobs there are than before.
    kept: Finished,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Finished {
    completed: i64,
    failed: i64,
}

impl Finished {
    fn add(&mut self, state: State, jobs: i64) {
        match state {
            State::Completed => self.completed += jobs,
            State::Failed => self.failed += jobs,
            _ => {}
        }
    }
}

impl Notes {
    /// Tells what happened to `job`; empty for what happened to the queue. `Completed` and
    /// `Failed` count it as ended, and as one more that is kept.
    pub(in crate::sql) fn note(&mut self, queue: &str, job: &str, kind: &EventKind) {
        let told = self.of(queue);
        kind::append(&mut told.events, job, kind);
        let state = match kind {
            EventKind::Completed(_) => State::Completed,
            EventKind::Failed(_) => State::Failed,
            _ => return,
        };
        told.ended.add(state, 1);
        told.kept.add(state, 1);
    }

    /// Says that `jobs` that were finished, in `state`, are gone or run again. Of other states the
    /// rows are counted when somebody asks, so it does nothing.
    pub(in crate::sql) fn uncount(&mut self, queue: &str, state: State, jobs: u64) {
        if state.is_finished() && jobs > 0 {
            let jobs = i64::try_from(jobs).unwrap_or(i64::MAX);
            self.of(queue).kept.add(state, -jobs);
        }
    }

    /// The statements that tell it, at most two for each queue.
    pub(super) fn queries(self, now: i64) -> Vec<Query> {
        let told = self.0.into_iter();
        told.flat_map(|(queue, told)| {
            let counts = counts(&queue, told.ended, told.kept, now);
            events(&queue, told.events, now).into_iter().chain(counts)
        })
        .collect()
    }

    fn of(&mut self, queue: &str) -> &mut Told {
        if !self.0.contains_key(queue) {
            self.0.insert(queue.to_owned(), Told::default());
        }
        self.0.get_mut(queue).expect("it was just put there")
    }
}

fn events(queue: &str, mut events: Vec<u8>, now: i64) -> Option<Query> {
    if events.is_empty() {
        return None;
    }
    events.push(b']');
    let events = String::from_utf8(events).expect("JSON is written in UTF-8");
    let insert = "insert into purlin_queue_events (queue, at, events) values ($1, $2, $3)";
    Some(Query::new(insert).bind(queue).bind(now).bind(events))
}

/// Adds to the counts of this minute and of all time.
fn counts(queue: &str, ended: Finished, kept: Finished, now: i64) -> Option<Query> {
    let minute = now.div_euclid(MINUTE_MICROS);
    let rows: Vec<Query> = [(ALL_MINUTES, kept), (minute, ended)]
        .into_iter()
        .filter(|(_, counts)| *counts != Finished::default())
        .map(|(minute, counts)| {
            let row = Query::new("($1, $2, $3, $4)").bind(queue).bind(minute);
            row.bind(counts.completed).bind(counts.failed)
        })
        .collect();
    let insert =
        Query::new("insert into purlin_queue_minutes (queue, minute, completed, failed) values ");
    let add = " on conflict (queue, minute, shard) do update set \
               completed = purlin_queue_minutes.completed + excluded.completed, \
               failed = purlin_queue_minutes.failed + excluded.failed";
    (!rows.is_empty()).then(|| insert.push(Query::join(rows, ", ")).push(add))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Payload;

    const NOW: i64 = 61_000_000;

    #[test]
    fn a_commit_tells_one_row_of_events_and_one_statement_of_counts_for_each_queue() {
        let mut notes = Notes::default();
        for (queue, job) in [("a", "1"), ("b", "1"), ("a", "2")] {
            notes.note(queue, job, &EventKind::Completed(Payload::null()));
        }
        notes.note("c", "1", &EventKind::Waiting);
        assert_eq!(notes.queries(NOW).len(), 5);
    }

    #[test]
    fn a_job_that_is_gone_as_soon_as_it_has_ended_counts_for_its_minute_only() {
        let mut notes = Notes::default();
        notes.note("a", "1", &EventKind::Completed(Payload::null()));
        notes.uncount("a", State::Completed, 1);
        notes.uncount("a", State::Waiting, 3);
        let [_, counts] = notes.queries(NOW).try_into().unwrap();
        let row = [
            "a".into_value(),
            1.into_value(),
            1.into_value(),
            0.into_value(),
        ];
        assert_eq!(counts.values(), row);
    }

    use purlin_sql::IntoValue;
}

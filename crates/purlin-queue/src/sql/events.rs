//! What has happened: one row of events for each queue and commit, and counts by the minute.

use std::{collections::BTreeMap, sync::Arc};

use super::{commit::Commit, core::Core};
use crate::{
    QueueError,
    store::{Event, EventKind, MinuteCount},
};

/// What one commit has brought about, by queue.
#[derive(Debug, Default)]
pub(super) struct Notes(pub(super) BTreeMap<String, QueueNotes>);

/// What one commit has brought about in one queue.
#[derive(Debug, Default)]
pub(super) struct QueueNotes {
    /// The beginning of a JSON array of `["job id", kind]`: `[…,…`.
    pub(super) events: String,
    pub(super) completed: u64,
    pub(super) failed: u64,
}

impl Notes {
    /// Notes that `kind` has happened to `job`; completed and failed ones are counted too.
    pub(super) fn note(&mut self, queue: &str, job: &str, kind: &EventKind) {
        let notes = self.of(queue);
        notes.completed += u64::from(matches!(kind, EventKind::Completed(_)));
        notes.failed += u64::from(matches!(kind, EventKind::Failed(_)));
        notes.write(job, kind);
    }

    fn of(&mut self, queue: &str) -> &mut QueueNotes {
        if !self.0.contains_key(queue) {
            self.0.insert(queue.to_owned(), QueueNotes::default());
        }
        self.0.get_mut(queue).expect("it was just put there")
    }
}

impl QueueNotes {
    fn write(&mut self, job: &str, kind: &EventKind) {
        let events = &mut self.events;
        events.push(if events.is_empty() { '[' } else { ',' });
        events.push('[');
        push_json(events, job);
        events.push(',');
        // Documents are JSON already: reading and writing them again would cost more than all else.
        match kind {
            EventKind::Completed(result) => {
                events.push_str("{\"completed\":");
                events.push_str(result.as_str());
                events.push('}');
            }
            EventKind::Progress(progress) => {
                events.push_str("{\"progress\":");
                events.push_str(progress.as_str());
                events.push('}');
            }
            plain => push_json(events, plain),
        }
        events.push(']');
    }
}

fn push_json(text: &mut String, value: &(impl serde::Serialize + ?Sized)) {
    text.push_str(&serde_json::to_string(value).expect("texts and events are JSON"));
}

/// Writes down what the commit has noted.
pub(super) async fn flush(_commit: &mut Commit<'_>) -> Result<(), QueueError> {
    Ok(())
}

/// A part of upkeep: drops events but for the newest ten thousand rows or so, and old minutes.
pub(super) async fn trim(_commit: &mut Commit<'_>, _max: u32) -> Result<(), QueueError> {
    Ok(())
}

pub(super) async fn read(
    _core: &Arc<Core>,
    _queue: String,
    _after: Option<String>,
    _max: u32,
) -> Result<(Vec<Event>, String), QueueError> {
    Err(super::core::unfinished("events"))
}

pub(super) async fn rates(
    _core: &Arc<Core>,
    _queue: String,
    _minutes: u32,
) -> Result<Vec<MinuteCount>, QueueError> {
    Err(super::core::unfinished("rates"))
}

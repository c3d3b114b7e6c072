//! An event as it is stored: `["job","completed","{…}"]`, or without the last where there is
//! nothing more to say.
//!
//! Payloads are kept as texts within the text, so that they come out as they went in.

use purlin_base::Timestamp;
use serde::Deserialize;

use crate::{
    Payload,
    store::{Event, EventKind},
};

/// An event as it is read.
#[derive(Deserialize)]
pub(super) struct Line(String, String, #[serde(default)] Option<String>);

/// Appends an event to `text`, which is the beginning of a JSON array of them.
pub(super) fn append(text: &mut Vec<u8>, job: &str, kind: &EventKind) {
    let (name, more) = parts(kind);
    text.push(if text.is_empty() { b'[' } else { b',' });
    let written = match more {
        None => serde_json::to_writer(text, &(job, name)),
        Some(more) => serde_json::to_writer(text, &(job, name, more.as_str())),
    };
    written.expect("texts have a form in JSON, and memory takes it");
}

fn parts(kind: &EventKind) -> (&'static str, Option<Payload>) {
    match kind {
        EventKind::Added => ("added", None),
        EventKind::Waiting => ("waiting", None),
        EventKind::Delayed => ("delayed", None),
        EventKind::WaitingChildren => ("waiting-children", None),
        EventKind::Active => ("active", None),
        EventKind::Progress(progress) => ("progress", Some(progress.clone())),
        EventKind::Completed(result) => ("completed", Some(result.clone())),
        EventKind::Failed(failure) => ("failed", Payload::of(failure).ok()),
        EventKind::Stalled => ("stalled", None),
        EventKind::Deduplicated => ("deduplicated", None),
        EventKind::Removed => ("removed", None),
        EventKind::Paused => ("paused", None),
        EventKind::Resumed => ("resumed", None),
    }
}

impl Line {
    /// The event; `None` for a kind that only a newer version knows.
    pub(super) fn event(self, at: Timestamp) -> Option<Event> {
        let Self(job, name, more) = self;
        let payload = more.map_or_else(Payload::null, Payload::from_json);
        let kind = match name.as_str() {
            "added" => EventKind::Added,
            "waiting" => EventKind::Waiting,
            "delayed" => EventKind::Delayed,
            "waiting-children" => EventKind::WaitingChildren,
            "active" => EventKind::Active,
            "progress" => EventKind::Progress(payload),
            "completed" => EventKind::Completed(payload),
            "failed" => EventKind::Failed(payload.decode().ok()?),
            "stalled" => EventKind::Stalled,
            "deduplicated" => EventKind::Deduplicated,
            "removed" => EventKind::Removed,
            "paused" => EventKind::Paused,
            "resumed" => EventKind::Resumed,
            _ => return None,
        };
        Some(Event { at, job, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Failure, FailureCause};

    #[test]
    fn every_event_comes_back_as_it_went() {
        let odd = Payload::from_json(r#"{ "b": 1.50, "a": "\u0041" }"#);
        let failure = Failure {
            cause: FailureCause::Poison,
            reason: "its process died 3 times".into(),
        };
        let kinds = [
            EventKind::Added,
            EventKind::Waiting,
            EventKind::Delayed,
            EventKind::WaitingChildren,
            EventKind::Active,
            EventKind::Progress(odd.clone()),
            EventKind::Completed(odd),
            EventKind::Failed(failure),
            EventKind::Stalled,
            EventKind::Deduplicated,
            EventKind::Removed,
            EventKind::Paused,
            EventKind::Resumed,
        ];
        let mut text = Vec::new();
        for kind in &kinds {
            append(&mut text, "j\"", kind);
        }
        text.push(b']');
        let lines: Vec<Line> = serde_json::from_slice(&text).unwrap();
        let at = Timestamp::from_unix_micros(7);
        let read: Vec<Event> = lines
            .into_iter()
            .filter_map(|line| line.event(at))
            .collect();
        let job = || "j\"".to_owned();
        let told = kinds.map(|kind| Event {
            at,
            job: job(),
            kind,
        });
        assert_eq!(read, told);
    }

    #[test]
    fn a_kind_of_a_newer_version_is_passed_over() {
        let line: Line = serde_json::from_str(r#"["j","teleported"]"#).unwrap();
        assert_eq!(line.event(Timestamp::UNIX_EPOCH), None);
    }
}

//! The steps of a history in the words of the contract.

use super::ops::{Changing, Controlling, End, Note};
use crate::{
    JobOptions,
    job::{Failure, FailureCause},
    store::{
        Annotation, Change, Control, Ending, Limits, Misfire, Overlap, Rate, Repeat, Schedule,
    },
    suite::subject::{MINUTE, failure, json},
};

pub(super) fn annotation(note: Note) -> Annotation {
    match note {
        Note::Progress => Annotation::Progress(json("50")),
        Note::Log => Annotation::Log("a line".to_owned()),
        Note::Data => Annotation::Data(json("22")),
        Note::Step(n) => Annotation::Step {
            name: format!("step {n}"),
            result: json("333"),
        },
    }
}

pub(super) fn ending(end: End) -> Ending {
    match end {
        End::Complete => Ending::Complete(json("4444")),
        End::Retry(minutes) => Ending::Retry {
            failure: failure("again"),
            after: minutes * MINUTE,
        },
        End::Fail => Ending::Fail(Failure {
            cause: FailureCause::Unrecoverable,
            reason: "never again".to_owned(),
        }),
        End::Snooze(minutes) => Ending::Snooze {
            after: minutes * MINUTE,
            reason: None,
        },
        End::Release => Ending::Release,
        End::AwaitChildren => Ending::AwaitChildren,
    }
}

pub(super) fn changing(change: Changing) -> Change {
    match change {
        Changing::Cancel => Change::Cancel,
        Changing::Promote => Change::Promote,
        Changing::Redrive => Change::Redrive,
        Changing::Bury => Change::Bury {
            reason: "why".to_owned(),
        },
        Changing::Remove => Change::Remove,
        Changing::Data => Change::Data(json("55555")),
        Changing::Priority(priority) => Change::Priority(priority),
        Changing::Delay(minutes) => Change::Delay(minutes * MINUTE),
    }
}

pub(super) fn controlling(control: Controlling) -> Control {
    let max = 1000;
    let limit = |limit: u32| (limit > 0).then_some(limit);
    let rate = |max: u32| {
        (max > 0).then_some(Rate {
            max,
            per: 2 * MINUTE,
        })
    };
    match control {
        Controlling::Pause => Control::Pause,
        Controlling::Resume => Control::Resume,
        Controlling::Drain(delayed) => Control::Drain { delayed, max },
        Controlling::Clean(state) => Control::Clean {
            state,
            grace: MINUTE,
            max,
        },
        Controlling::RetryAll(state) => Control::RetryAll { state, max },
        Controlling::PromoteAll => Control::PromoteAll { max },
        Controlling::Obliterate(force) => Control::Obliterate { force, max },
        Controlling::Limit {
            all,
            key,
            rate: of_all,
            key_rate,
        } => Control::Limit(Limits {
            concurrency: limit(all),
            key_concurrency: limit(key),
            rate: rate(of_all),
            key_rate: rate(key_rate),
            tenant_weights: Default::default(),
        }),
    }
}

pub(super) fn schedule(queue: &str, id: usize, kind: usize) -> Schedule {
    let cron = |pattern: &str| Repeat::Cron {
        pattern: pattern.to_owned(),
        tz: None,
    };
    let repeat = match kind {
        0..3 => Repeat::Every(2 * MINUTE),
        3 => cron("*/3 * * * *"),
        _ => cron("0 0 30 2 *"),
    };
    Schedule {
        queue: queue.to_owned(),
        id: format!("s{id}"),
        repeat,
        start: None,
        end: None,
        limit: (kind == 2).then_some(2),
        misfire: [Misfire::One, Misfire::All(2), Misfire::Skip][kind % 3],
        overlap: [Overlap::Allow, Overlap::Skip][usize::from(kind == 1)],
        name: "tick".to_owned(),
        version: 1,
        data: json("1"),
        options: JobOptions::default(),
    }
}

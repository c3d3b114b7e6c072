//! The steps of a history. They name jobs and attempts by number, so that any part of a history is
//! one too.

use purlin_base::random::SeededRng;

use super::jobs::{JobSpec, random_job};
use crate::{
    State,
    store::{Capabilities, Capability},
};

use purlin_base::random::Rng;

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Adds jobs in one call.
    Add(Vec<JobSpec>),
    /// Ends attempts and takes jobs.
    Turn {
        finish: Vec<(usize, End)>,
        queue: usize,
        max: u32,
    },
    Renew {
        attempts: Vec<usize>,
        minutes: u32,
    },
    Annotate {
        attempt: usize,
        note: Note,
    },
    Change {
        job: usize,
        change: Changing,
    },
    Control {
        queue: usize,
        control: Controlling,
    },
    Schedule {
        queue: usize,
        id: usize,
        kind: usize,
    },
    Unschedule {
        queue: usize,
        id: usize,
    },
    /// Time passes, and every queue is looked after.
    Pass {
        minutes: u32,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Complete,
    Retry(u32),
    Fail,
    Snooze(u32),
    Release,
    AwaitChildren,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Note {
    Progress,
    Log,
    Data,
    Step(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Changing {
    Cancel,
    Promote,
    Redrive,
    Bury,
    Remove,
    Data,
    Priority(u32),
    Delay(u32),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Controlling {
    Pause,
    Resume,
    Drain(bool),
    Clean(State),
    RetryAll(State),
    PromoteAll,
    Obliterate(bool),
    Limit {
        all: u32,
        key: u32,
        rate: u32,
        key_rate: u32,
    },
}

/// A number that stands for a job or an attempt, mostly a late one: how far back it is.
fn back(rng: &SeededRng) -> usize {
    let far = if rng.below(4) == 0 { 40 } else { 6 };
    rng.below(far) as usize
}

fn number(rng: &SeededRng, below: u64) -> u32 {
    rng.below(below) as u32
}

pub(super) fn random(rng: &SeededRng, offers: Capabilities) -> Op {
    let queue = rng.below(8) as usize / 7;
    match rng.below(100) {
        0..24 => {
            let count = 1 + rng.below(4);
            Op::Add(
                (0..count)
                    .map(|at| random_job(rng, offers, at as usize))
                    .collect(),
            )
        }
        24..60 => {
            let count = rng.below(4);
            let finish = (0..count).map(|_| (back(rng), random_end(rng))).collect();
            let max = number(rng, 5);
            Op::Turn { finish, queue, max }
        }
        60..65 => {
            let attempts = (0..3).map(|_| back(rng)).collect();
            let minutes = 1 + number(rng, 9);
            Op::Renew { attempts, minutes }
        }
        65..70 => Op::Annotate {
            attempt: back(rng),
            note: random_note(rng, offers),
        },
        70..80 => Op::Change {
            job: back(rng),
            change: random_change(rng, offers),
        },
        80..86 => Op::Control {
            queue,
            control: random_control(rng, offers),
        },
        86..88 => {
            let kinds = if offers.has(Capability::SchedulePolicies) {
                5
            } else {
                1
            };
            let kind = rng.below(kinds) as usize;
            Op::Schedule {
                queue,
                id: rng.below(2) as usize,
                kind,
            }
        }
        88..89 => Op::Unschedule {
            queue,
            id: rng.below(2) as usize,
        },
        _ => Op::Pass {
            minutes: 1 + number(rng, 4),
        },
    }
}

fn random_end(rng: &SeededRng) -> End {
    match rng.below(12) {
        0..5 => End::Complete,
        5..7 => End::Retry(number(rng, 3)),
        7..9 => End::Fail,
        9 => End::Snooze(number(rng, 3)),
        10 => End::Release,
        _ => End::AwaitChildren,
    }
}

fn random_note(rng: &SeededRng, offers: Capabilities) -> Note {
    match rng.below(4) {
        0 => Note::Progress,
        1 => Note::Log,
        2 if offers.has(Capability::Steps) => Note::Step(rng.below(3)),
        _ => Note::Data,
    }
}

fn random_change(rng: &SeededRng, offers: Capabilities) -> Changing {
    match rng.below(8) {
        0 if offers.has(Capability::CancelAnywhere) => Changing::Cancel,
        1 => Changing::Promote,
        2 => Changing::Redrive,
        3 if offers.has(Capability::Bury) => Changing::Bury,
        4 => Changing::Remove,
        5 => Changing::Data,
        6 => Changing::Priority(number(rng, 3)),
        _ => Changing::Delay(number(rng, 4)),
    }
}

fn random_control(rng: &SeededRng, offers: Capabilities) -> Controlling {
    let state = State::ALL[rng.below(7) as usize];
    let keys = offers.has(Capability::KeyLimits);
    match rng.below(14) {
        0 => Controlling::Pause,
        1..4 => Controlling::Resume,
        4 => Controlling::Drain(rng.below(2) == 0),
        5 => Controlling::Clean(state),
        6 | 7 => Controlling::RetryAll(state),
        8 => Controlling::PromoteAll,
        9 => Controlling::Obliterate(rng.below(2) == 0),
        _ => Controlling::Limit {
            all: number(rng, 4),
            key: if keys { number(rng, 3) } else { 0 },
            rate: number(rng, 6).saturating_sub(2),
            key_rate: if keys {
                number(rng, 5).saturating_sub(2)
            } else {
                0
            },
        },
    }
}

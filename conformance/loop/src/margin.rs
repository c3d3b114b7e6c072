//! Which programs have an order at all.
//!
//! Node leaves open whatever depends on how long a callback takes: a timeout of 1 ms against an
//! immediate, two timers that are due within a few milliseconds. A program is compared only if its
//! order stays the same however its callbacks are held up, within bounds: here that is tried on
//! clocks that jump, before any program is shown to Node.
//!
//! What depends on other threads (a read against an immediate) is left out by the generator.

use std::time::Duration;

use crate::{
    clock::VirtualClock,
    interpreter::{Time, trace_within},
    program::Program,
};

/// How programs are held up: by how much at most, at one look at the clock in how many, and how
/// often that is tried.
const HOLD_UPS: &[(Duration, u64, u64)] = &[
    (Duration::from_micros(400), 1, 3),
    (Duration::from_millis(1), 1, 3),
    (Duration::from_millis(3), 3, 3),
    (Duration::from_millis(9), 12, 5),
    (Duration::from_millis(24), 16, 5),
];

/// A program that runs more ops than this is taken to have no end.
const OPS_MAX: u64 = 2_000;

/// The lines of `program`, if it ends and they are the same however it is held up.
pub fn settled_trace(program: &Program) -> Option<Vec<String>> {
    let run = |time| trace_within(program, time, OPS_MAX).ok().flatten();
    let lines = run(Time::default())?;
    let is_same = |clock| run(Time::Virtual(clock)).as_ref() == Some(&lines);
    let holds = HOLD_UPS.iter().all(|(max, one_in, tries)| {
        (0..*tries).all(|seed| is_same(VirtualClock::with_jitter(seed, *max, *one_in)))
    });
    holds.then_some(lines)
}

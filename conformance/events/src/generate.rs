//! Random scenarios: the same seed, the same scenario.

use std::collections::BTreeMap;

use purlin_base::random::{Rng, SeededRng};

use crate::{
    machine::{Limits, trace},
    scenario::{Add, Op, Scenario},
};

const EVENTS: [&str; 9] = [
    "x",
    "y",
    "z",
    "error",
    "errorMonitor",
    "newListener",
    "removeListener",
    "constructor",
    "__proto__",
];
const LISTENERS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// The kinds of ops, each with how often it is drawn beside the others.
const KINDS: [(Kind, u64); 11] = [
    (Kind::Add, 24),
    (Kind::Off, 10),
    (Kind::RemoveAllOf, 4),
    (Kind::RemoveAll, 3),
    (Kind::Emit, 20),
    (Kind::Count, 4),
    (Kind::Names, 4),
    (Kind::List, 6),
    (Kind::Max, 3),
    (Kind::Throw, 4),
    (Kind::Try, 5),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Add,
    Off,
    RemoveAllOf,
    RemoveAll,
    Emit,
    Count,
    Names,
    List,
    Max,
    Throw,
    Try,
}

/// Longest bodies of ops.
const MAIN_MAX: u64 = 24;
const BODY_MAX: u64 = 5;
const TRY_DEPTH_MAX: u32 = 2;

/// The scenario of a seed.
///
/// One that does not end within [`Limits::RANDOM`] (listeners can emit for ever) gives way to the
/// next one of the same seed, before anybody has compared it.
pub fn scenario(seed: u64) -> Scenario {
    let rng = SeededRng::new(seed);
    loop {
        let scenario = Draw::new(&rng).scenario();
        if trace(&scenario, Limits::RANDOM).is_ok() {
            return scenario;
        }
    }
}

/// What one scenario is drawn from. Each leaves out other events and ops, so that what is left
/// meets more often.
struct Draw<'a> {
    rng: &'a SeededRng,
    events: Vec<&'static str>,
    listeners: &'static [&'static str],
    kinds: Vec<(Kind, u64)>,
}

impl<'a> Draw<'a> {
    fn new(rng: &'a SeededRng) -> Self {
        let number = 1 + rng.below(4);
        let events = (0..number).map(|_| *pick(rng, &EVENTS)).collect();
        let listeners = &LISTENERS[..1 + rng.below(LISTENERS.len() as u64) as usize];
        let needed = |kind| matches!(kind, Kind::Add | Kind::Emit);
        let mut kinds = KINDS.to_vec();
        kinds.retain(|(kind, _)| needed(*kind) || rng.below(4) > 0);
        Self {
            rng,
            events,
            listeners,
            kinds,
        }
    }

    fn scenario(&self) -> Scenario {
        let body = |name: &&str| (String::from(*name), self.ops(BODY_MAX, 0));
        let listeners: BTreeMap<_, _> = self.listeners.iter().map(body).collect();
        let main = self.ops(MAIN_MAX, 0);
        Scenario { listeners, main }
    }

    fn ops(&self, ops_max: u64, depth: u32) -> Vec<Op> {
        let number = self.rng.below(ops_max + 1);
        (0..number).map(|_| self.op(depth)).collect()
    }

    fn op(&self, depth: u32) -> Op {
        match self.kind() {
            Kind::Add => Op::Add(pick(self.rng, &Add::ALL).1, self.event(), self.listener()),
            Kind::Off => Op::Off(self.event(), self.listener()),
            Kind::RemoveAllOf => Op::RemoveAllOf(self.event()),
            Kind::RemoveAll => Op::RemoveAll,
            Kind::Emit => Op::Emit(self.event()),
            Kind::Count => Op::Count(self.event()),
            Kind::Names => Op::Names,
            Kind::List => Op::List(self.event()),
            Kind::Max => Op::Max(self.rng.below(5) as f64),
            Kind::Throw => Op::Throw(format!("m{}", self.rng.below(3))),
            Kind::Try if depth < TRY_DEPTH_MAX => Op::Try(self.ops(BODY_MAX, depth + 1)),
            Kind::Try => Op::Try(Vec::new()),
        }
    }

    fn kind(&self) -> Kind {
        let all = self.kinds.iter().map(|(_, weight)| weight).sum();
        let mut at = self.rng.below(all);
        for (kind, weight) in &self.kinds {
            if at < *weight {
                return *kind;
            }
            at -= weight;
        }
        Kind::Emit
    }

    fn event(&self) -> String {
        String::from(*pick(self.rng, &self.events))
    }

    fn listener(&self) -> String {
        String::from(*pick(self.rng, self.listeners))
    }
}

fn pick<'a, T>(rng: &SeededRng, items: &'a [T]) -> &'a T {
    &items[rng.below(items.len() as u64) as usize]
}

//! Holds our emitter against Node's over random scenarios.

use std::{
    fmt::{self, Write},
    io,
};

use crate::{Limits, Scenario, generate, node::Node, shrink::shrink, trace};

/// Scenarios for each Node process.
const BATCH: usize = 5_000;

/// A scenario whose traces differ, made as small as can be.
#[derive(Debug)]
pub struct Difference {
    /// The seed that it was made from.
    pub seed: u64,
    /// The scenario.
    pub scenario: Scenario,
    /// The lines on Node.
    pub node: Vec<String>,
    /// The lines on ours.
    pub ours: Vec<String>,
}

/// Compares the scenarios of `number` seeds from `seed` on; the smallest that differs.
///
/// # Errors
///
/// If there is no Node, or it ends.
pub fn random(number: usize, seed: u64) -> io::Result<Option<Difference>> {
    let mut smallest: Option<Difference> = None;
    for start in (0..number).step_by(BATCH) {
        let seeds = (start..number.min(start + BATCH)).map(|it| seed.wrapping_add(it as u64));
        let scenarios: Vec<_> = seeds.clone().map(generate::scenario).collect();
        let traces = Node::start()?.traces(&scenarios)?;
        for ((seed, scenario), node) in seeds.zip(scenarios).zip(traces) {
            let Some(difference) = differ(seed, scenario, node) else {
                continue;
            };
            let size = |it: &Difference| it.scenario.size();
            if smallest
                .as_ref()
                .is_none_or(|it| size(&difference) < size(it))
            {
                smallest = Some(difference);
            }
        }
    }
    smallest.map(small).transpose()
}

fn differ(seed: u64, scenario: Scenario, node: Vec<String>) -> Option<Difference> {
    let ours = trace(&scenario, Limits::RANDOM).ok()?;
    (ours != node).then_some(Difference {
        seed,
        scenario,
        node,
        ours,
    })
}

fn small(found: Difference) -> io::Result<Difference> {
    let mut node = Node::start()?;
    let mut smallest = found;
    while let Some(smaller) = smaller(&mut node, &smallest)? {
        smallest = smaller;
    }
    Ok(smallest)
}

/// The first scenario smaller than that of `found` that differs too.
fn smaller(node: &mut Node, found: &Difference) -> io::Result<Option<Difference>> {
    for scenario in shrink(&found.scenario) {
        let lines = node.trace(&scenario)?;
        if let Some(difference) = differ(found.seed, scenario, lines) {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {}", self.seed, self.scenario.to_json())?;
        let lines = self.node.len().max(self.ours.len());
        for index in 0..lines {
            let line = |of: &[String]| of.get(index).map_or("", String::as_str).to_owned();
            let (node, ours) = (line(&self.node), line(&self.ours));
            let mark = if node == ours { ' ' } else { '!' };
            writeln!(f, "{mark} node {node:<30} ours {ours}")?;
        }
        f.write_char('\n')
    }
}

//! Thousands of programs in Node and here.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

use crate::{
    generator::{Case, case},
    node::{NodeError, trace_alone, trace_batch},
    program::Program,
    shrink::{Difference, difference, shrink},
};

/// What to compare.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Programs.
    pub programs: u64,
    /// The first of them; the others follow.
    pub seed: u64,
    /// Processes of Node at once. More than cores, since a part of the programs waits.
    pub processes: u64,
    /// The first so many are also run by a process each, which shows that a batch runs them as a
    /// script of their own does.
    pub alone: u64,
}

/// How it went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Programs compared.
    pub compared: u64,
    /// Ops of all of them.
    pub ops: u64,
    /// Lines printed by all of them.
    pub lines: u64,
    /// Programs that differed in a batch and agree alone, once at least: the machine held Node up by more than the
    /// programs allow for.
    pub disturbed: u64,
    /// The seeds that differ alone as well.
    pub differing: Vec<u64>,
    /// The smallest program found that differs.
    pub smallest: Option<Difference>,
}

impl Report {
    /// Whether every program agreed, and few were disturbed: many would hide a difference.
    pub fn agrees(&self) -> bool {
        self.differing.is_empty() && self.disturbed * DISTURBED_ONE_IN <= self.compared
    }
}

/// At most one program in so many may have been disturbed.
const DISTURBED_ONE_IN: u64 = 100;

/// How often a suspect must differ alone.
const ALONE_RUNS: u32 = 3;

/// Programs that are made smaller, when many differ.
const SHRUNK_MAX: usize = 3;

/// Programs handed to one process of Node at once.
const CHUNK: u64 = 250;

/// Compares what `plan` says.
///
/// # Errors
///
/// If Node is not there or gives no trace.
pub fn compare(plan: &Plan) -> Result<Report, NodeError> {
    let next = AtomicU64::new(0);
    let report = Mutex::new(Report::default());
    let result = thread::scope(|scope| {
        let workers = (0..plan.processes.max(1)).map(|_| {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(CHUNK, Relaxed);
                    if first >= plan.programs {
                        return Ok(());
                    }
                    let last = (first + CHUNK).min(plan.programs);
                    compare_chunk(plan, first..last, &report)?;
                }
            })
        });
        let workers: Vec<_> = workers.collect();
        let ended = workers
            .into_iter()
            .map(|worker| worker.join().expect("no worker panics"));
        ended.collect::<Result<Vec<()>, NodeError>>()
    });
    result?;
    let mut report = report.into_inner().expect("no worker panics");
    settle(&mut report);
    Ok(report)
}

fn compare_chunk(
    plan: &Plan,
    numbers: std::ops::Range<u64>,
    report: &Mutex<Report>,
) -> Result<(), NodeError> {
    let seeds = numbers.clone().map(|number| plan.seed.wrapping_add(number));
    let cases: Vec<Case> = seeds.map(case).collect();
    let programs: Vec<String> = cases.iter().map(|case| case.program.to_json()).collect();
    let mut suspects = Vec::new();
    trace_batch(&programs, |index, node| {
        if node != cases[index].ours {
            suspects.push(cases[index].seed);
        }
    })?;
    for (number, (case, program)) in numbers.zip(cases.iter().zip(&programs)) {
        if number < plan.alone && trace_alone(program)? != case.ours {
            suspects.push(case.seed);
        }
    }
    let mut report = report.lock().expect("no worker panics");
    report.compared += cases.len() as u64;
    report.ops += cases
        .iter()
        .map(|case| case.program.size() as u64)
        .sum::<u64>();
    report.lines += cases.iter().map(|case| case.ours.len() as u64).sum::<u64>();
    report.differing.extend(suspects);
    Ok(())
}

/// Runs what differed alone, now that the machine is quiet, and makes it small.
fn settle(report: &mut Report) {
    let mut suspects = std::mem::take(&mut report.differing);
    suspects.sort_unstable();
    suspects.dedup();
    for seed in suspects {
        let program = case(seed).program;
        // A fault of ours shows each time; what the machine or V8 did meanwhile does not.
        let again = (1..ALONE_RUNS).all(|_| difference(&program).is_some());
        let Some(found) = again.then(|| difference(&program)).flatten() else {
            report.disturbed += 1;
            continue;
        };
        report.differing.push(seed);
        if report.differing.len() <= SHRUNK_MAX {
            let found = shrink(found);
            let size = |it: &Difference| Program::size(&it.program);
            if report
                .smallest
                .as_ref()
                .is_none_or(|best| size(&found) < size(best))
            {
                report.smallest = Some(found);
            }
        }
    }
}

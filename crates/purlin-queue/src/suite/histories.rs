//! Random histories, thrown at the engine and at the model: after each step both are asked for
//! everything they know.
//!
//! A history is made from its seed before it is run, and names jobs and attempts by number. So a
//! part of it is a history too: one that fails is made shorter, step by step left out, while it
//! still fails. Each run has queues of its own in the one store.
//!
//! `PURLIN_SEED` repeats the history of a seed, `PURLIN_HISTORIES` runs more of them.

use std::time::{Duration, Instant};

use purlin_base::random::{OsRng, Rng, SeededRng};

use super::Subject;

mod compare;
mod jobs;
mod ops;
mod run;
mod words;

use ops::Op;

/// Histories of one case, and steps of each.
const HISTORIES: u64 = 12;
const STEPS: usize = 80;

/// How long a failing history is made shorter.
const SHRINK_FOR: Duration = Duration::from_secs(60);

/// Where the engine and the model went apart.
struct Difference {
    /// The step, from 0.
    step: usize,
    what: String,
}

pub async fn a_random_history_is_that_of_the_model(subject: &Subject<'_>) {
    let given = |variable| std::env::var(variable).ok()?.parse::<u64>().ok();
    let seed = given("PURLIN_SEED");
    let count = given("PURLIN_HISTORIES").unwrap_or(if seed.is_some() { 1 } else { HISTORIES });
    let first = seed.unwrap_or_else(|| OsRng.next_u64() >> 32);
    for seed in first..first + count {
        histories(subject, seed, STEPS).await;
    }
}

/// Throws the history of `steps` steps that `seed` stands for at the engine and the model.
///
/// # Panics
///
/// When they differ: with the seed, the first difference, and the shortest history found that ends
/// in one.
pub async fn histories(subject: &Subject<'_>, seed: u64, steps: usize) {
    let rng = SeededRng::new(seed);
    let capabilities = subject.store.capabilities();
    let ops: Vec<Op> = (0..steps)
        .map(|_| ops::random(&rng, capabilities))
        .collect();
    let mut runs = Runs {
        subject,
        seed,
        count: 0,
    };
    let Some(found) = runs.run(&ops).await else {
        return;
    };
    let (ops, last) = runs.shrink(ops[..=found.step].to_vec(), found).await;
    let lines: Vec<String> = ops.iter().map(|op| format!("  {op:?}")).collect();
    panic!(
        "{} and the model differ in the history of PURLIN_SEED={seed}:\n{}\n{}",
        subject.store.engine(),
        lines.join("\n"),
        last.what
    );
}

/// The runs of one history and of its parts.
struct Runs<'a> {
    subject: &'a Subject<'a>,
    seed: u64,
    count: u32,
}

impl Runs<'_> {
    async fn run(&mut self, ops: &[Op]) -> Option<Difference> {
        self.count += 1;
        let names = ["a", "b"].map(|queue| format!("h{}.{}.{queue}", self.seed, self.count));
        run::run(self.subject, &names, ops).await
    }

    /// Leaves out steps, many at first, as long as the rest still fails.
    async fn shrink(&mut self, ops: Vec<Op>, found: Difference) -> (Vec<Op>, Difference) {
        let end = Instant::now() + SHRINK_FOR;
        let (mut ops, mut found) = (ops, found);
        let mut width = ops.len().div_ceil(2);
        while width > 0 {
            let mut at = 0;
            while at < ops.len() && Instant::now() < end {
                let mut fewer = ops.clone();
                fewer.drain(at..(at + width).min(ops.len()));
                match self.run(&fewer).await {
                    Some(other) => {
                        fewer.truncate(other.step + 1);
                        (ops, found) = (fewer, other);
                    }
                    None => at += width,
                }
            }
            width /= 2;
        }
        (ops, found)
    }
}

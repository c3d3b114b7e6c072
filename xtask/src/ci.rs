//! What CI runs, step by step; every step runs even if one before it has failed.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Instant,
};

/// A command that must succeed.
pub(crate) struct Step {
    name: &'static str,
    cargo: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
}

const TEST: Step = Step {
    name: "test",
    cargo: &["test", "--workspace", "--all-features", "--no-fail-fast"],
    env: &[],
};
const FORMAT: Step = Step {
    name: "format",
    cargo: &["fmt", "--all", "--check"],
    env: &[],
};
const CLIPPY: Step = Step {
    name: "clippy",
    cargo: &[
        "clippy",
        "--workspace",
        "--all-targets",
        "--all-features",
        "--",
        "-D",
        "warnings",
    ],
    env: &[],
};
const DOCS: Step = Step {
    name: "docs",
    cargo: &["doc", "--workspace", "--all-features", "--no-deps"],
    env: &[("RUSTDOCFLAGS", "-D warnings")],
};
const DEFAULT: Step = Step {
    name: "default features",
    cargo: &["check", "--workspace", "--locked"],
    env: &[],
};

/// Everything.
pub(crate) const ALL: &[Step] = &[TEST, FORMAT, CLIPPY, DOCS, DEFAULT];

/// What is worth running before every commit.
pub(crate) const QUICK: &[Step] = &[FORMAT, CLIPPY];

/// How the tests of all binaries ended.
#[derive(Default)]
struct Counts {
    passed: u32,
    failed: u32,
    skipped: u32,
}

/// A step that is more than a command of cargo: its name, and what says whether it succeeded.
pub(crate) type Own = (&'static str, fn() -> bool);

/// Runs `steps`, then `own`; whether all of them succeeded.
pub(crate) fn run(steps: &[Step], own: &[Own]) -> bool {
    let mut counts = Counts::default();
    let mut failed = Vec::new();
    for step in steps {
        println!("\n== {}", step.name);
        let start = Instant::now();
        if !run_step(step, &mut counts) {
            failed.push(step.name);
        }
        println!("== {} took {} s", step.name, start.elapsed().as_secs());
    }
    for (name, step) in own {
        println!("\n== {name}");
        if !step() {
            failed.push(name);
        }
    }
    if counts.passed + counts.failed > 0 {
        println!(
            "\n{} passed, {} failed, {} skipped",
            counts.passed, counts.failed, counts.skipped
        );
    }
    for name in &failed {
        eprintln!("failed: {name}");
    }
    failed.is_empty()
}

fn run_step(step: &Step, counts: &mut Counts) -> bool {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(step.cargo)
        .envs(step.env.iter().copied())
        .stdout(Stdio::piped());
    let Ok(mut child) = cargo.spawn() else {
        return false;
    };
    let output = child.stdout.take().expect("standard output is piped");
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        println!("{line}");
        counts.read(&line);
    }
    child.wait().is_ok_and(|status| status.success())
}

impl Counts {
    /// Adds what a closing line such as `test result: ok. 3 passed; 0 failed; …` says. A suite
    /// whose server is absent says `skipped: …`.
    fn read(&mut self, line: &str) {
        if line.trim_start().starts_with("skipped: ") {
            self.skipped += 1;
        }
        let Some((_, counts)) = line.split_once("test result: ") else {
            return;
        };
        let words: Vec<&str> = counts
            .split([' ', ';', '.'])
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u32>() else {
                continue;
            };
            match pair[1] {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }
}

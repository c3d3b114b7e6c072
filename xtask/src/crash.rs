//! Whether what was promised survives being killed: `cargo xtask crash`, and `--short` for CI.
//!
//! `PURLIN_CRASH_SEED` repeats a run. Postgres is the server of `PURLIN_TEST_POSTGRES`.

use std::{env, process::Command, time::Instant};

/// What is crashed, and how many processes are killed for each engine: in full, and in CI.
const SUBJECTS: &[(&str, &str, &str)] = &[("outbox", "200", "20"), ("queue", "1000", "30")];

/// Kills as often as the record asks for; whether nothing was wrong.
pub(crate) fn run_all() -> bool {
    run(|(subject, full, _)| (subject, full))
}

/// Kills less often: what CI has time for.
pub(crate) fn run_short() -> bool {
    run(|(subject, _, short)| (subject, short))
}

type Subject = (&'static str, &'static str, &'static str);

fn run(choose: impl Fn(Subject) -> (&'static str, &'static str)) -> bool {
    let start = Instant::now();
    let mut succeeded = true;
    for (subject, kills) in SUBJECTS.iter().copied().map(choose) {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["run", "--quiet", "--package=conformance-crash", "--", "run"])
            .args(["--subject", subject, "--kills", kills]);
        if let Ok(seed) = env::var("PURLIN_CRASH_SEED") {
            cargo.args(["--seed", &seed]);
        }
        succeeded &= cargo.status().is_ok_and(|status| status.success());
    }
    println!("crash took {} s", start.elapsed().as_secs());
    succeeded
}

//! Random scenarios on Node and on ours. `cargo xtask events` runs more of them.

use conformance_events::{Limits, Scenario, compare, generate, trace};

const SCENARIOS: usize = 1_000;
const SEED: u64 = 24;

#[test]
#[expect(clippy::print_stdout, reason = "a skip is visible")]
fn random_scenarios_print_the_same_on_node() {
    if std::env::var_os("PURLIN_TEST_NODE").is_none() {
        println!("skipped: PURLIN_TEST_NODE is not set");
        return;
    }
    let found = compare::random(SCENARIOS, SEED).unwrap();
    assert!(found.is_none(), "{}", found.unwrap());
}

#[test]
fn a_seed_is_always_the_same_scenario_and_it_can_be_read_again() {
    for seed in 0..200 {
        let scenario = generate::scenario(seed);
        assert_eq!(scenario, generate::scenario(seed));
        let read = Scenario::parse(&scenario.to_json().to_string());
        assert_eq!(read.unwrap(), scenario, "seed {seed}");
    }
}

#[test]
fn random_scenarios_reach_every_kind_of_line() {
    let lines: Vec<_> = (0..500)
        .flat_map(|seed| trace(&generate::scenario(seed), Limits::RANDOM).unwrap())
        .collect();
    let kinds = [
        "emit error true",
        "emit errorMonitor true",
        "emit newListener true",
        "threw e",
        "threw m0",
        "warn ",
        "count ",
        "list ",
        "names ",
        "(removeListener)",
        "(newListener)",
        "(errorMonitor)",
    ];
    for kind in kinds {
        let found = lines.iter().any(|line| line.contains(kind));
        assert!(found, "no line has `{kind}`");
    }
}

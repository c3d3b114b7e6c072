//! Node itself: skipped, visibly, where `PURLIN_TEST_NODE` is not set.

use conformance_loop::{
    compare::{Plan, compare},
    node::{trace_alone, trace_batch},
};
use purlin_base::testing::server;

use crate::golden::PROGRAMS;

#[test]
fn node_prints_what_the_golden_traces_say() {
    if server("PURLIN_TEST_NODE").is_none() {
        return;
    }
    for (program, lines) in PROGRAMS {
        assert_eq!(trace_alone(program).unwrap().join(" "), *lines, "{program}");
    }
}

#[test]
fn a_batch_of_node_goes_on_behind_a_program_that_keeps_nothing_alive() {
    if server("PURLIN_TEST_NODE").is_none() {
        return;
    }
    let programs = ["a", "b", "c"].map(|name| {
        format!(r#"{{"main": [{{"log": "{name}"}}, {{"tick": [{{"log": "tick"}}]}}]}}"#)
    });
    let mut traces = Vec::new();
    trace_batch(&programs, |_, trace| traces.push(trace.join(" "))).unwrap();
    assert_eq!(traces, ["a tick", "b tick", "c tick"]);
}

#[test]
fn random_programs_run_in_nodes_order() {
    if server("PURLIN_TEST_NODE").is_none() {
        return;
    }
    let report = compare(&Plan {
        programs: 200,
        seed: 20,
        processes: 2,
        alone: 5,
    });
    let report = report.unwrap();
    assert!(report.agrees(), "from seed 20: {report:#?}");
}

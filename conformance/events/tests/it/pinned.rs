//! Scenarios by hand, with what Node 20.20.2 prints for them: `node node/trace.mjs FILE`.

use conformance_events::{Limits, Scenario, trace};

/// Each file of `tests/scenarios` is a scenario and, beside it, its trace on Node.
#[test]
fn every_written_scenario_prints_what_node_prints() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut number = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let scenario = Scenario::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let expected = std::fs::read_to_string(file.with_extension("txt")).unwrap();
        let lines = trace(&scenario, Limits::WRITTEN).unwrap();
        let expected: Vec<_> = expected.lines().collect();
        assert_eq!(lines, expected, "{}", file.display());
        number += 1;
    }
    assert!(number >= 20, "the scenarios were found: {number}");
}

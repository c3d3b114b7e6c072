//! Which programs are well-formed.

use conformance_loop::{generator::case, program::Program};

fn refused(program: &str) -> String {
    Program::parse(program).unwrap_err().to_string()
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    let refusals = [
        (r#"{"main": [{"jump": []}]}"#, "main[0]: unknown op: {jump}"),
        (r#"{"main": [{}]}"#, "main[0]: unknown op: {}"),
        (
            r#"{"main": [{"id": "x", "ms": 5}]}"#,
            "main[0]: unknown op: {id, ms}",
        ),
        (
            r#"{"main": [{"log": "a", "tick": []}]}"#,
            "main[0]: two ops, `log` and `tick`",
        ),
        (
            r#"{"main": [{"tick": [], "ms": 5}]}"#,
            "main[0]: unknown key `ms` beside `tick`",
        ),
        (
            r#"{"main": [{"tick": [], "id": "x"}]}"#,
            "main[0]: unknown key `id` beside `tick`",
        ),
        (
            r#"{"main": [{"timeout": []}]}"#,
            "main[0].timeout: `ms` is missing",
        ),
        (
            r#"{"main": [{"interval": [], "times": 1}]}"#,
            "main[0].interval: `ms` is missing",
        ),
        (
            r#"{"main": [{"interval": [], "ms": 1}]}"#,
            "main[0].interval: `times` is missing",
        ),
        (
            r#"{"main": [{"interval": [], "ms": 1, "times": 0}]}"#,
            "main[0].interval: `times` is under 1",
        ),
        (
            r#"{"main": [{"timeout": [], "ms": "5"}]}"#,
            "main[0].timeout: `ms` is no number",
        ),
        (
            r#"{"main": [{"immediate": [], "id": 5}]}"#,
            "main[0].immediate: `id`: expected a text",
        ),
        (
            r#"{"main": [{"tick": [{"async": [[], 5]}]}]}"#,
            "main[0].tick[0].async[1]: expected a list of ops",
        ),
        (r#"{"main": [], "more": 1}"#, "program: unknown key `more`"),
        (r#"{}"#, "program: `main` is missing"),
        (r#"[]"#, "program: expected an object with `main`"),
    ];
    for (program, message) in refusals {
        assert_eq!(refused(program), message, "{program}");
    }
    assert!(refused("{").starts_with("not JSON: "));
    assert!(refused(r#"{"main": []} x"#).starts_with("not JSON: "));
}

#[test]
fn a_program_deeper_than_may_be_is_refused_before_it_is_read() {
    let deep = |levels: usize| {
        format!(
            "{{\"main\": [{}{}]}}",
            "{\"tick\": [".repeat(levels),
            "]}".repeat(levels)
        )
    };
    assert!(refused(&deep(5_000)).starts_with("nested more than"));
    let parsed = Program::parse(&deep(200)).unwrap();
    assert_eq!(parsed.size(), 200);
}

#[test]
fn a_program_is_written_as_it_is_read() {
    for seed in 0..50 {
        let program = case(seed).program;
        assert_eq!(
            Program::parse(&program.to_json()).unwrap(),
            program,
            "seed {seed}"
        );
    }
}

#[test]
fn the_same_seed_makes_the_same_program() {
    assert_eq!(case(7).program, case(7).program);
    assert_ne!(case(7).program, case(8).program);
}

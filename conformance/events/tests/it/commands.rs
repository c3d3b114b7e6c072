//! The command, from outside.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// Writes each scenario to a file and runs `trace` over all of them.
fn trace(test: &str, scenarios: &[&str]) -> Output {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    let files = scenarios.iter().enumerate().map(|(number, scenario)| {
        let file = folder.join(format!("{number}.json"));
        fs::write(&file, scenario).unwrap();
        file
    });
    run(["trace".into()].into_iter().chain(files))
}

fn run(arguments: impl IntoIterator<Item = PathBuf>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance-events"));
    command.args(arguments).output().unwrap()
}

const ONE: &str = r#"{"listeners": {"a": []}, "main": [{"on": ["x", "a"]}, {"emit": "x"}]}"#;
const NONE: &str = r#"{"listeners": {}, "main": []}"#;

#[test]
fn a_trace_is_all_that_is_printed() {
    let output = trace("one", &[ONE]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "a(x)\nemit x true\n"
    );
    assert_eq!(output.stderr, b"");
}

#[test]
fn several_traces_have_one_line_between_them_also_where_they_are_empty() {
    let of = |scenarios: &[&str]| {
        let output = trace("several", scenarios);
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(of(&[NONE]), "");
    assert_eq!(of(&[NONE, NONE, NONE]), "---\n---\n");
    assert_eq!(of(&[NONE, ONE, NONE]), "---\na(x)\nemit x true\n---\n");
}

#[test]
fn what_is_not_well_formed_is_refused_with_one_message_and_no_trace() {
    let main = |op: &str| format!(r#"{{"listeners": {{"a": []}}, "main": [{op}]}}"#);
    let scenarios = [
        "nothing".to_owned(),
        "[]".to_owned(),
        r#"{"listeners": {}}"#.to_owned(),
        r#"{"listeners": [], "main": []}"#.to_owned(),
        r#"{"listeners": {}, "main": [], "more": 1}"#.to_owned(),
        r#"{"listeners": {"a": [{"jump": 1}]}, "main": []}"#.to_owned(),
        main(r#"{"jump": "x"}"#),
        main("{}"),
        main(r#"{"emit": "x", "count": "x"}"#),
        main(r#"{"emit": "1"}"#),
        main(r#"{"emit": "-1.5"}"#),
        main(r#"{"on": ["12", "a"]}"#),
        main(r#"{"on": ["x", "unknown"]}"#),
        main(r#"{"on": ["x"]}"#),
        main(r#"{"on": "x"}"#),
        main(r#"{"max": -1}"#),
        main(r#"{"max": "3"}"#),
        main(r#"{"names": false}"#),
        main(r#"{"removeAll": false}"#),
        main(r#"{"throw": 1}"#),
        main(r#"{"try": {"emit": "x"}}"#),
        main(r#"{"try": [{"max": -1}]}"#),
    ];
    for scenario in scenarios {
        let output = trace("refused", &[ONE, &scenario]);
        assert_eq!(output.status.code(), Some(2), "{scenario}");
        assert_eq!(output.stdout, b"", "{scenario}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn a_file_that_is_not_there_and_an_unknown_command_are_refused() {
    for arguments in [&["trace", "/no/such.json"][..], &["trace"], &["jump"], &[]] {
        let output = run(arguments.iter().map(PathBuf::from));
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(output.stdout, b"");
        assert_ne!(output.stderr, b"");
    }
}

#[test]
fn names_that_only_look_odd_are_well_formed() {
    let events = [
        "",
        "x1",
        "1x",
        "inf",
        "nan",
        "-",
        "a b",
        "ü",
        "__proto__",
        "constructor",
    ];
    for event in events {
        let scenario = format!(r#"{{"listeners": {{}}, "main": [{{"emit": "{event}"}}]}}"#);
        let output = trace("odd", &[&scenario]);
        assert_eq!(output.status.code(), Some(0), "{event}");
        let expected = format!("emit {event} false\n");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

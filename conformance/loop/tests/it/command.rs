//! The command: exit codes, separators, and nothing else on standard output.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

/// A file that is removed at the end of the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("loop-{}-{name}.json", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn command(arguments: &[&str], files: &[&File]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance-loop"));
    command
        .args(arguments)
        .args(files.iter().map(|file| &file.0));
    command.output().unwrap()
}

#[test]
fn several_traces_have_a_line_between_each_two_also_around_empty_ones() {
    let one = File::new(
        "one",
        r#"{"main": [{"log": "a"}, {"tick": [{"log": "b"}]}]}"#,
    );
    let none = File::new("none", r#"{"main": []}"#);
    let output = command(&["trace"], &[&one, &none, &none, &one]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "a\nb\n---\n---\n---\na\nb\n"
    );
    assert!(output.stderr.is_empty());
}

#[test]
fn a_program_that_is_not_well_formed_ends_with_two_and_one_message() {
    let good = File::new("good", r#"{"main": [{"log": "a"}]}"#);
    let bad = File::new("bad", r#"{"main": [{"leap": []}]}"#);
    let output = command(&["trace"], &[&good, &bad]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.ends_with("main[0]: unknown op: {leap}\n"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1);
}

#[test]
fn an_uncaught_error_does_not_change_the_exit_code() {
    let throws = File::new("throws", r#"{"main": [{"throw": "m"}]}"#);
    let output = command(&["trace"], &[&throws]);
    assert_eq!(
        (output.status.code(), &*output.stdout),
        (Some(0), &b"uncaught m\n"[..])
    );
}

#[test]
fn a_deep_program_runs_to_its_end() {
    let (open, close) = (r#"{"tick": ["#.repeat(3_000), "]}".repeat(3_000));
    let (open_sync, close_sync) = (r#"{"async": [["#.repeat(1_500), "]]}".repeat(1_500));
    let deep = File::new(
        "deep",
        &format!(r#"{{"main": [{open}{{"log": "deep"}}{close}]}}"#),
    );
    let sync = File::new(
        "sync",
        &format!(r#"{{"main": [{open_sync}{{"log": "deep"}}{close_sync}]}}"#),
    );
    let output = command(&["trace"], &[&deep, &sync]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "deep\n---\ndeep\n"
    );
}

#[test]
fn the_order_is_the_same_on_the_machines_own_clock() {
    let text = r#"{"main": [{"timeout": [{"log": "t"}], "ms": 1}, {"immediate": [{"log": "i"}]}, {"spin": 5},
        {"timeout": [{"log": "late"}], "ms": 40}, {"read": [{"log": "read"}]}]}"#;
    let file = File::new("real", text);
    let real = command(&["trace", "--real-time"], &[&file]);
    let jumped = command(&["trace"], &[&file]);
    assert_eq!(
        String::from_utf8(real.stdout).unwrap(),
        "t\ni\nread\nlate\n"
    );
    assert_eq!(jumped.stdout, b"t\ni\nread\nlate\n");
}

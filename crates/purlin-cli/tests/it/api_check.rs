//! `purlin api check`: what it prints, what it writes, and how it ends.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use tempfile::TempDir;

const OLD: &str = r##"{"openapi":"3.1.0","paths":{"/books":{"get":{"responses":{"200":{"content":
    {"application/json":{"schema":{"type":"object","properties":{"title":{"type":"string"}}}}}}}}}}}"##;

/// The title may be null.
const BROKEN: &str = r##"{"openapi":"3.1.0","paths":{"/books":{"get":{"responses":{"200":{"content":
    {"application/json":{"schema":{"type":"object","properties":{"title":{"type":["string","null"]}}}}}}}}}}}"##;

/// There is one route more.
const MORE: &str = r##"{"openapi":"3.1.0","paths":{"/more":{},"/books":{"get":{"responses":{"200":{"content":
    {"application/json":{"schema":{"type":"object","properties":{"title":{"type":"string"}}}}}}}}}}}"##;

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn check(arguments: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purlin"));
    let output = command
        .args(["api", "check"])
        .args(arguments)
        .output()
        .unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// The command on two documents in files.
fn compared(old: &str, new: &str, more: &[&str]) -> (Ended, String) {
    let folder = TempDir::new().unwrap();
    let old = written(folder.path(), "old.json", old);
    let new = written(folder.path(), "new.json", new);
    let files = [old.to_str().unwrap(), new.to_str().unwrap()];
    let ended = check(&[&files[..], more].concat());
    (ended, fs::read_to_string(old).unwrap())
}

/// Answers one request with `answer`; the address it listens on.
fn answering(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
    });
    format!("http://{address}/openapi/v2.json")
}

fn with_length(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_change_that_breaks_is_told_with_place_reason_and_way_out_and_ends_with_1() {
    let (ended, _) = compared(OLD, BROKEN, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for words in [
        "\nGET /books\n",
        "answer 200 application/json /title: was never null, may be null",
        "value-nullable: clients that rely on a value may find null",
        "1 change that breaks a client\n",
        "put the change into a new one",
    ] {
        assert!(
            ended.stdout.contains(words),
            "{words:?} in {}",
            ended.stdout
        );
    }
}

#[test]
fn an_addition_is_well_and_says_how_to_commit_it() {
    let (ended, _) = compared(OLD, MORE, &[]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("--accept"), "{}", ended.stdout);
    let (ended, _) = compared(OLD, OLD, &[]);
    assert_eq!(ended.stdout, "nothing has changed\n");
}

#[test]
fn accept_writes_the_served_document_and_still_tells_what_breaks() {
    let (ended, committed) = compared(OLD, BROKEN, &["--accept"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("value-nullable"), "{}", ended.stdout);
    assert!(committed.contains("null"), "{committed}");
    assert!(committed.ends_with("}\n"), "a text file ends with a line");
}

#[test]
fn accept_makes_the_first_document_and_without_it_a_missing_one_is_wrong() {
    let folder = TempDir::new().unwrap();
    let new = written(folder.path(), "new.json", OLD);
    let old = folder.path().join("old.json");
    let files = [old.to_str().unwrap(), new.to_str().unwrap()];
    let ended = check(&files);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("there is no such file"),
        "{}",
        ended.stderr
    );
    assert_eq!(check(&[files[0], files[1], "--accept"]).code, Some(0));
    assert_eq!(check(&files).code, Some(0));
}

#[test]
fn a_document_is_read_from_an_address() {
    let folder = TempDir::new().unwrap();
    let old = written(folder.path(), "old.json", OLD);
    let address = answering(with_length("200 OK", BROKEN));
    let ended = check(&[old.to_str().unwrap(), &address]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
}

#[test]
fn a_document_that_cannot_be_read_ends_with_2_and_the_reason() {
    let folder = TempDir::new().unwrap();
    let old = written(folder.path(), "old.json", OLD);
    let broken = written(folder.path(), "broken.json", "{");
    let other = written(folder.path(), "other.json", r#"{"swagger": "2.0"}"#);
    let not_found = answering(with_length("404 Not Found", ""));
    let cut = answering("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_owned());
    let cases = [
        (broken.to_str().unwrap(), "it is not JSON"),
        (other.to_str().unwrap(), "is not OpenAPI 3.1"),
        (not_found.as_str(), "the answer is 404"),
        (cut.as_str(), "no answer"),
        ("https://shop.example/v2.json", "only http is spoken here"),
    ];
    for (served, words) in cases {
        let ended = check(&[old.to_str().unwrap(), served]);
        assert_eq!(ended.code, Some(2), "{served}: {}", ended.stdout);
        assert!(
            ended.stderr.contains(words),
            "{words:?} in {}",
            ended.stderr
        );
    }
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    assert_eq!(check(&[]).code, Some(2));
    assert_eq!(check(&["one", "two", "--bless"]).code, Some(2));
}

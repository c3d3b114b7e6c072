//! `bookshop routes`: who may call what, as the program itself tells it.

use std::fs;

use serde_json::Value;

use crate::server::{Ended, directory, run};

/// What `bookshop routes --access` prints. A route that opens up shows here.
const MATRIX: &str = include_str!("../data/access.txt");

fn routes(switches: &[&str]) -> Ended {
    let directory = directory();
    let ended = run(directory.path(), |command| {
        command.arg("routes").args(switches);
    });
    let left = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(left, 0, "nothing is made: {ended:#?}");
    ended
}

#[test]
fn who_may_call_what_is_as_it_was() {
    let ended = routes(&["--access"]);
    ended.says(0, &[]);
    assert_eq!(ended.stdout, MATRIX, "\n{}", ended.stdout);
}

#[test]
fn the_same_is_told_as_json() {
    let ended = routes(&["--access", "--json"]);
    ended.says(0, &[]);
    let json: Value = serde_json::from_str(&ended.stdout).unwrap();
    let callers = ["visitor", "signed in", "reader", "staff", "admin"];
    assert_eq!(json["callers"], serde_json::json!(callers));
    let lines = MATRIX.lines().count();
    assert_eq!(json["routes"].as_array().unwrap().len(), lines - 1);
}

#[test]
fn every_handler_is_listed_with_its_path() {
    let ended = routes(&[]);
    ended.says(0, &[]);
    for words in ["BookController::read", "/healthz", "DELETE"] {
        assert!(ended.stdout.contains(words), "{ended:#?}");
    }
}

#[test]
fn a_switch_that_there_is_not_is_refused() {
    let directory = directory();
    let ended = run(directory.path(), |command| {
        command.args(["routes", "--acess"]);
    });
    ended.says(2, &["acess"]);
}

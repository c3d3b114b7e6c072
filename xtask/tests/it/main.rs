//! The tree keeps its own rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use xtask::{arrows, asvs, conformance, errors};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package stands below the root")
}

#[test]
fn crates_depend_only_on_what_the_architecture_allows() {
    let drawn = arrows::drawn(root()).unwrap();
    assert!(drawn.len() >= 7, "the crates were found: {drawn:?}");
    assert_eq!(arrows::forbidden(&drawn), Vec::<String>::new());
}

#[test]
fn a_forbidden_arrow_and_an_unknown_crate_are_named() {
    let one = |to: &str| BTreeSet::from([to.to_owned()]);
    let drawn = BTreeMap::from([
        ("purlin-http".to_owned(), one("purlin-sql")),
        ("purlin-new".to_owned(), BTreeSet::new()),
    ]);
    assert_eq!(
        arrows::forbidden(&drawn),
        [
            "`purlin-http` may not depend on `purlin-sql`",
            "`purlin-new` is not in the table of crates",
        ]
    );
}

#[test]
fn the_catalogue_of_errors_has_every_code_and_no_other() {
    let mut codes = BTreeSet::new();
    for part in std::fs::read_dir(root().join("crates")).unwrap() {
        codes.append(&mut errors::in_sources(&part.unwrap().path().join("src")).unwrap());
    }
    let catalogue = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let written = errors::in_catalogue(&catalogue);
    let missing: Vec<_> = codes.difference(&written).collect();
    let stale: Vec<_> = written.difference(&codes).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "missing: {missing:?}, stale: {stale:?}"
    );
}

#[test]
fn every_rule_of_http_names_a_test_that_there_is() {
    let table = std::fs::read_to_string(root().join("docs/http-conformance.md")).unwrap();
    assert!(
        conformance::tests(&table).count() > 100,
        "the tests were found"
    );
    let unknown = conformance::unknown_tests(root(), &table).unwrap();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn every_item_of_the_asvs_chapters_has_an_answer_and_a_test_that_there_is() {
    let chapter = std::fs::read_to_string(root().join("docs/asvs.md")).unwrap();
    assert!(asvs::tests(&chapter).count() > 100, "the tests were found");
    assert_eq!(asvs::faults(&chapter), Vec::<String>::new());
    assert_eq!(asvs::unknown_tests(root(), &chapter), Vec::<String>::new());
}

#[test]
fn a_row_of_asvs_that_is_missing_doubled_or_unfounded_is_named() {
    let chapter = std::fs::read_to_string(root().join("docs/asvs.md")).unwrap();
    let without: String = chapter
        .lines()
        .filter(|line| !line.starts_with("| V9.2.4 "))
        .fold(String::new(), |text, line| text + line + "\n");
    let bad = "| V9.2.3 | 2 | x | yes | y |\n| V9.2.9 | 1 | x | perhaps | y |\n";
    assert_eq!(
        asvs::faults(&(without + bad)),
        [
            "V9.2.3: no test shows it",
            "V9.2.9: \"perhaps\" is no answer",
            "V9.2.3: has 2 rows",
            "V9.2.9: there is no such item",
            "V9.2.4: has no row",
        ]
    );
    let moved = "`auth/token/times.rs::a_token_without_a_signature_is_refused`";
    assert_eq!(
        asvs::unknown_tests(root(), moved),
        ["auth/token/times.rs::a_token_without_a_signature_is_refused"]
    );
}

//! The tree keeps its own rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use xtask::{arrows, conformance, errors};

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

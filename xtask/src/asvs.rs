//! The chapter on ASVS: every item of its chapters has one row, and every test that a row names is
//! where the row says.

use std::{collections::BTreeMap, fs, path::Path};

/// The sections of ASVS 5.0.0 that the chapter has whole, and how many items each has.
const SECTIONS: &[(&str, usize)] = &[
    ("V6.1", 3),
    ("V6.2", 12),
    ("V6.3", 8),
    ("V6.4", 6),
    ("V6.5", 8),
    ("V6.6", 4),
    ("V6.7", 2),
    ("V6.8", 4),
    ("V7.1", 3),
    ("V7.2", 4),
    ("V7.3", 2),
    ("V7.4", 5),
    ("V7.5", 3),
    ("V7.6", 2),
    ("V9.1", 3),
    ("V9.2", 4),
];

/// What the chapter writes in place of a folder.
const FOLDERS: &[(&str, &str)] = &[
    ("auth/", "crates/purlin-auth/tests/it/"),
    ("http/", "crates/purlin-http/tests/it/"),
    ("shop/", "apps/bookshop/tests/it/"),
];

const ANSWERS: &[&str] = &["yes", "part", "yours", "no", "–"];

/// What is wrong with the rows of `chapter`: an item that is missing, twice or unknown, an answer
/// that is none, or a `yes` that no test shows.
pub fn faults(chapter: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeMap::new();
    for row in rows(chapter) {
        *seen.entry(row.item).or_insert(0) += 1;
        if !ANSWERS.contains(&row.answer) {
            faults.push(format!("{}: {:?} is no answer", row.item, row.answer));
        }
        if row.answer == "yes" && tests(row.how).next().is_none() {
            faults.push(format!("{}: no test shows it", row.item));
        }
    }
    let whole = |item: &str| {
        SECTIONS
            .iter()
            .any(|(s, _)| chapter_of(s) == chapter_of(item))
    };
    let mut expected: Vec<String> = SECTIONS.iter().flat_map(items).collect();
    for (item, times) in seen {
        match expected.iter().position(|it| it == item) {
            Some(at) => _ = expected.remove(at),
            None if whole(item) => faults.push(format!("{item}: there is no such item")),
            None => {}
        }
        if times > 1 {
            faults.push(format!("{item}: has {times} rows"));
        }
    }
    faults.extend(
        expected
            .into_iter()
            .map(|item| format!("{item}: has no row")),
    );
    faults
}

/// The tests that `chapter` names and that are not where it says.
pub fn unknown_tests(root: &Path, chapter: &str) -> Vec<String> {
    let is_there = |(file, test): &(&str, &str)| {
        let source = fs::read_to_string(root.join(path(file))).unwrap_or_default();
        source.contains(&format!("fn {test}("))
    };
    let missing = tests(chapter).filter(|named| !is_there(named));
    missing
        .map(|(file, test)| format!("{file}::{test}"))
        .collect()
}

/// The tests that `text` names as `` `file.rs::test` ``: file and name.
pub fn tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|words| {
        words
            .split_once("::")
            .filter(|(file, _)| file.ends_with(".rs"))
    })
}

struct Row<'a> {
    item: &'a str,
    answer: &'a str,
    how: &'a str,
}

/// `| V6.1.1 | level | about | answer | how |`.
fn rows(chapter: &str) -> impl Iterator<Item = Row<'_>> {
    let lines = chapter.lines().filter(|line| line.starts_with("| V"));
    lines.filter_map(|line| {
        let cells: Vec<&str> = line.splitn(6, '|').map(str::trim).collect();
        let [_, item, _level, _about, answer, how] = cells.try_into().ok()?;
        Some(Row { item, answer, how })
    })
}

/// `V6` of `V6.1.1`.
fn chapter_of(item: &str) -> &str {
    item.split('.').next().unwrap_or(item)
}

fn items((section, count): &(&str, usize)) -> impl Iterator<Item = String> {
    (1..=*count).map(move |number| format!("{section}.{number}"))
}

fn path(file: &str) -> String {
    let folder = FOLDERS.iter().find(|(short, _)| file.starts_with(short));
    match folder {
        Some((short, folder)) => format!("{folder}{}", &file[short.len()..]),
        None => file.to_owned(),
    }
}

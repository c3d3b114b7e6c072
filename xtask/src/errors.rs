//! The stable codes of all errors, in the code and in the catalogue `docs/errors.md`.

use std::{collections::BTreeSet, fs, io, path::Path};

/// Every code that the sources below `folder` give: what a method `code` returns, and what stands
/// beside an `ErrorClass` where a problem is made on the spot.
///
/// # Errors
///
/// If a file cannot be read.
pub fn in_sources(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            codes.append(&mut in_sources(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            collect(&without_comments(&fs::read_to_string(&path)?), &mut codes);
        }
    }
    Ok(codes)
}

/// Every code that has a row in the catalogue: `` | `SQL_NESTED` | … ``.
pub fn in_catalogue(markdown: &str) -> BTreeSet<String> {
    let rows = markdown.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`'))
        .map(|(code, _)| code.to_owned())
        .collect()
}

fn without_comments(source: &str) -> String {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

fn collect(source: &str, codes: &mut BTreeSet<String>) {
    for (at, _) in source.match_indices("fn code(&self)") {
        codes.extend(literals(body(&source[at..])).map(str::to_owned));
    }
    for (at, _) in source.match_indices("ErrorClass::") {
        let rest = source[at + "ErrorClass::".len()..].trim_start_matches(char::is_alphanumeric);
        if let Some(code) = rest.strip_prefix(',') {
            codes.extend(literals(code.split([',', ')']).next().unwrap_or("")).map(str::to_owned));
        }
    }
}

/// The first block in braces, or up to the first semicolon where there is none.
fn body(source: &str) -> &str {
    let mut depth = 0;
    for (at, c) in source.char_indices() {
        match c {
            ';' if depth == 0 => return "",
            '{' => depth += 1,
            '}' if depth == 1 => return &source[..at],
            '}' => depth -= 1,
            _ => {}
        }
    }
    source
}

/// The string literals of `source` that look like a code.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| is_code(text))
}

fn is_code(text: &str) -> bool {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.contains('_')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(upper)
}

//! The stable codes of all errors, in the code and in the catalogue `docs/errors.md`.

use std::{collections::BTreeSet, fs, io, path::Path};

/// What every code begins with: the area that an error comes from.
pub const AREAS: &[&str] = &[
    "ACCESS_",
    "APP_",
    "AUTH_",
    "CONFIG_",
    "CORS_",
    "CPU_POOL_",
    "CSRF_",
    "CURSOR_",
    "DIAGNOSTICS_",
    "EVENTS_",
    "HTTP_",
    "INBOX_",
    "KV_",
    "LOOP_",
    "OUTBOX_",
    "PAGE_",
    "PASSWORD_",
    "POLICY_",
    "QUEUE_",
    "RATE_",
    "REFRESH_",
    "SESSION_",
    "SQL_",
    "STANDING_",
    "START_",
    "STREAM_",
    "TOKEN_",
    "WORKER_",
];

/// Every code that stands as a literal in the sources below `folder`.
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
            let source = fs::read_to_string(&path)?;
            let code = source
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            codes.extend(code.flat_map(literals).map(str::to_owned));
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

/// The string literals of one line that are a code.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| is_code(text))
}

fn is_code(text: &str) -> bool {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.chars().all(upper)
        && AREAS
            .iter()
            .any(|area| text.starts_with(area) && text != *area)
}

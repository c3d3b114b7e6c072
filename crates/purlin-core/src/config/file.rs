//! The settings file: TOML, with the line of every name.

use std::{fs::File, io::Read, ops::Range, path::Path, sync::Arc};

use toml::de::{DeTable, DeValue};

use super::{Origin, Problem};

/// How long a settings file may be, in bytes: 1 MiB.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// A value in a settings file.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum FileValue {
    /// `"text"`.
    Text(String),
    /// `3000`.
    Integer(i128),
    /// `0.5`.
    Float(f64),
    /// `true`.
    Bool(bool),
    /// `[1, 2]`.
    List(Vec<FileValue>),
    /// Something that no setting is: a table or a date, by name.
    Other(&'static str),
}

/// The names and values of a file, and the problems with it. With problems there are no values:
/// of a file that is half understood nothing is used.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) values: Vec<(String, FileValue, Origin)>,
    pub(super) problems: Vec<Problem>,
}

pub(super) fn read(path: &Path, required: bool) -> Contents {
    let name: Arc<str> = path.to_string_lossy().into();
    let text = match read_text(path) {
        Ok(text) => text,
        Err(error) if !required && error.kind() == std::io::ErrorKind::NotFound => {
            return Contents::default();
        }
        Err(error) => {
            let problem = problem(&name, None, format!("cannot be read: {error}"));
            return Contents {
                problems: vec![problem],
                ..Contents::default()
            };
        }
    };
    parse(&name, &text)
}

fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    // One byte more, to tell a file at the bound from one beyond it.
    let mut bounded = File::open(path)?.take(FILE_BYTES_MAX as u64 + 1);
    bounded.read_to_string(&mut text)?;
    if text.len() > FILE_BYTES_MAX {
        let message = format!("longer than {FILE_BYTES_MAX} bytes");
        return Err(std::io::Error::other(message));
    }
    Ok(text)
}

fn parse(name: &Arc<str>, text: &str) -> Contents {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> = errors
        .iter()
        .map(|error| {
            let line = error.span().map(|span| line_at(text, span.start));
            let named = named(text, error.message(), error.span());
            problem(name, line, format!("not TOML: {}{named}", error.message()))
        })
        .collect();
    // One fault often breaks what follows on its line too.
    problems.dedup_by(|second, first| second.origin == first.origin);
    if !problems.is_empty() {
        return Contents {
            problems,
            ..Contents::default()
        };
    }
    let entries = table.into_inner().into_iter();
    let values = entries.map(|(key, value)| {
        let line = Some(line_at(text, key.span().start));
        let origin = Origin::File {
            path: Arc::clone(name),
            line,
        };
        (key.into_inner().into_owned(), turn(value.get_ref()), origin)
    });
    let mut values: Vec<_> = values.collect();
    values.sort_by_key(|(.., origin)| match origin {
        Origin::File { line, .. } => *line,
        _ => None,
    });
    Contents { values, problems }
}

fn problem(name: &Arc<str>, line: Option<usize>, message: String) -> Problem {
    let path = Arc::clone(name);
    Problem {
        setting: None,
        origin: Origin::File { path, line },
        message,
    }
}

/// The name that an error is about, if it is about a name: other text may be part of a secret.
fn named(text: &str, message: &str, span: Option<Range<usize>>) -> String {
    const CHARS_MAX: usize = 60;
    let is_of_name = message == "duplicate key";
    match span.filter(|_| is_of_name).and_then(|span| text.get(span)) {
        Some(name) => format!(
            " {}",
            name.escape_debug().take(CHARS_MAX).collect::<String>()
        ),
        None => String::new(),
    }
}

/// The line, from 1, of the byte at `offset`.
fn line_at(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

fn turn(value: &DeValue<'_>) -> FileValue {
    match value {
        DeValue::String(text) => FileValue::Text(text.to_string()),
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix()).map_or(
            FileValue::Other("a number that is too large"),
            FileValue::Integer,
        ),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or(FileValue::Other("a number"), FileValue::Float),
        DeValue::Boolean(value) => FileValue::Bool(*value),
        DeValue::Datetime(_) => FileValue::Other("a date or time"),
        DeValue::Array(items) => {
            FileValue::List(items.iter().map(|item| turn(item.get_ref())).collect())
        }
        DeValue::Table(_) => FileValue::Other("a table"),
    }
}

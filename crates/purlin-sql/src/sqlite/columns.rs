//! A row of SQLite as every engine offers it, and values as SQLite takes them.

use std::cell::Cell;

use rusqlite::types::{ToSqlOutput, ValueRef as Held};

use crate::{Value, ValueRef, row::Columns, statement::Shape, value::Mismatch};

/// A row of the statement that is running.
pub(super) struct SqliteRow<'a> {
    row: &'a rusqlite::Row<'a>,
    /// Where the next column is looked for first, since most types are read in the statement's
    /// order and SQLite compares names one by one. `None` where a name comes twice: the first
    /// column of a name is the one that counts.
    next: Cell<Option<usize>>,
}

impl<'a> SqliteRow<'a> {
    pub(super) fn new(row: &'a rusqlite::Row<'a>, shape: &Shape) -> Self {
        let columns = row.as_ref();
        let repeats = *shape
            .repeats_names
            .get_or_init(|| repeats(&columns.column_names().collect::<Vec<_>>()));
        Self {
            row,
            next: Cell::new((!repeats).then_some(0)),
        }
    }
}

fn repeats(names: &[&str]) -> bool {
    let same =
        |(at, name): (usize, &&str)| names[..at].iter().any(|it| it.eq_ignore_ascii_case(name));
    names.iter().enumerate().any(same)
}

impl Columns for SqliteRow<'_> {
    fn len(&self) -> usize {
        self.row.as_ref().column_count()
    }

    fn find(&self, name: &str) -> Option<usize> {
        let columns = self.row.as_ref();
        let is_it = |at| {
            let there = columns.column_name(at);
            there.is_ok_and(|there| there == name || there.eq_ignore_ascii_case(name))
        };
        let at = match self.next.get() {
            Some(next) if is_it(next) => next,
            _ => columns.column_index(name).ok()?,
        };
        self.next.set(self.next.get().map(|_| at + 1));
        Some(at)
    }

    fn value(&self, at: usize) -> Result<ValueRef<'_>, Mismatch> {
        let held = self.row.get_ref(at).map_err(|error| Mismatch {
            wanted: "a column",
            found: error.to_string(),
        })?;
        Ok(match held {
            Held::Null => ValueRef::Null,
            Held::Integer(number) => ValueRef::Int(number),
            Held::Real(number) => ValueRef::Real(number),
            Held::Blob(bytes) => ValueRef::Bytes(bytes),
            Held::Text(bytes) => ValueRef::Text(str::from_utf8(bytes).map_err(|_| Mismatch {
                wanted: "text",
                found: "text that is not UTF-8".to_owned(),
            })?),
        })
    }
}

/// Binds `values` to the placeholders `?1`, `?2`, …
pub(super) fn bind(
    statement: &mut rusqlite::Statement<'_>,
    values: &[Value],
) -> Result<(), rusqlite::Error> {
    for (at, value) in values.iter().enumerate() {
        let mut uuid_text = uuid::Uuid::encode_buffer();
        let held = match value {
            Value::Null => Held::Null,
            Value::Bool(value) => Held::Integer(i64::from(*value)),
            Value::Int(number) => Held::Integer(*number),
            Value::Real(number) => Held::Real(*number),
            Value::Text(text) => Held::Text(text.as_bytes()),
            Value::Json(text) => Held::Text(text.as_bytes()),
            Value::Bytes(bytes) => Held::Blob(bytes),
            Value::Uuid(id) => Held::Text(id.hyphenated().encode_lower(&mut uuid_text).as_bytes()),
            Value::Time(time) => Held::Integer(time.unix_micros()),
        };
        statement.raw_bind_parameter(at + 1, ToSqlOutput::Borrowed(held))?;
    }
    Ok(())
}

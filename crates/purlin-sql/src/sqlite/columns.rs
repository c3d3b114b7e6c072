//! A row of SQLite as every engine offers it, and values as SQLite takes them.

use std::cell::Cell;

use rusqlite::types::{ToSqlOutput, ValueRef as Held};

use crate::{
    Value, ValueRef,
    row::Columns,
    statement::{ColumnNames, Shape},
    value::Mismatch,
};

/// A row of the statement that is running.
pub(super) struct SqliteRow<'a> {
    row: &'a rusqlite::Row<'a>,
    /// Known of the statement, so that SQLite need not be asked for each name of each row.
    names: Option<&'a ColumnNames>,
    /// Where the next column is looked for first.
    next: Cell<usize>,
}

impl<'a> SqliteRow<'a> {
    pub(super) fn new(row: &'a rusqlite::Row<'a>, shape: &'a Shape) -> Self {
        let columns = row.as_ref();
        Self {
            row,
            names: shape.columns(|| ColumnNames::new(columns.column_names())),
            next: Cell::new(0),
        }
    }
}

impl Columns for SqliteRow<'_> {
    fn len(&self) -> usize {
        self.row.as_ref().column_count()
    }

    fn find(&self, name: &str) -> Option<usize> {
        let at = match self.names {
            Some(names) => names.find(name, self.next.get())?,
            None => self.row.as_ref().column_index(name).ok()?,
        };
        self.next.set(at + 1);
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

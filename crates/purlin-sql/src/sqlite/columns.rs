//! A row of SQLite as every engine offers it, and values as SQLite takes them.

use rusqlite::types::{ToSqlOutput, ValueRef as Held};

use crate::{Value, ValueRef, row::Columns, value::Mismatch};

/// A row of the statement that is running.
pub(super) struct SqliteRow<'a>(pub(super) &'a rusqlite::Row<'a>);

impl Columns for SqliteRow<'_> {
    fn len(&self) -> usize {
        self.0.as_ref().column_count()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.as_ref().column_index(name).ok()
    }

    fn value(&self, at: usize) -> Result<ValueRef<'_>, Mismatch> {
        let held = self.0.get_ref(at).map_err(|error| Mismatch {
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

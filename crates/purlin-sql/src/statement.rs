//! A statement on its way to an engine: checked, counted and timed, whichever engine runs it.

use std::{
    borrow::Cow,
    panic::Location,
    sync::Arc,
    time::{Duration, Instant},
};

use purlin_base::Context;

use crate::{
    Query, SqlError, Value,
    row::{Columns, FromRow, Row, RowError},
};

mod shape;

pub(crate) use shape::{ColumnNames, Shape, Shapes};

/// A statement that has passed every check that needs no database.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) text: Cow<'static, str>,
    pub(crate) values: Vec<Value>,
    pub(crate) shape: Arc<Shape>,
    pub(crate) sent_from: &'static Location<'static>,
}

impl Statement {
    /// Counts the statement in the running context, and checks it.
    pub(crate) fn new(
        query: Query,
        sent_from: &'static Location<'static>,
        shapes: &Shapes,
    ) -> Result<Self, SqlError> {
        let (text, values) = query.into_parts();
        Context::with_current(|context| {
            context.statements(|log| log.record(&text, sent_from));
        });
        let shape = shapes.get(&text);
        let (expected, bound) = (shape.placeholders, values.len());
        if shape.is_control {
            return Err(SqlError::TransactionControl);
        }
        if expected != bound {
            return Err(SqlError::Placeholders { expected, bound });
        }
        if values.iter().any(holds_nul) {
            return Err(SqlError::Nul);
        }
        Ok(Self {
            text,
            values,
            shape,
            sent_from,
        })
    }
}

/// Logs a statement that took `threshold` or longer. Values never reach the log.
pub(crate) fn log_if_slow(
    text: &str,
    sent_from: &Location<'_>,
    began: Instant,
    threshold: Duration,
) {
    let took = began.elapsed();
    if took >= threshold {
        tracing::warn!(
            target: "purlin::sql",
            statement = %text,
            sent_from = %sent_from,
            took_ms = took.as_millis() as u64,
            "slow statement"
        );
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::Json(text) => json_holds_nul(text),
        _ => false,
    }
}

/// Whether a JSON text holds the escape of NUL; a doubled backslash before `u0000` is a plain text.
fn json_holds_nul(text: &str) -> bool {
    text.match_indices("\\u0000").any(|(at, _)| {
        let backslashes = text[..at].bytes().rev().take_while(|&b| b == b'\\').count();
        backslashes % 2 == 0
    })
}

/// How much of the answer the caller wants.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Want {
    /// No rows.
    Nothing,
    /// The first row.
    First,
    /// Every row, and it is an error if there are more than this.
    All { rows_max: usize },
}

/// The rows of an answer as they come in.
#[derive(Debug)]
pub(crate) struct Collected<T> {
    want: Want,
    /// The row where one is wanted: it needs no list.
    first: Option<T>,
    rows: Vec<T>,
    pub(crate) affected: u64,
}

impl<T: FromRow> Collected<T> {
    pub(crate) fn new(want: Want) -> Self {
        Self {
            want,
            first: None,
            rows: Vec::new(),
            affected: 0,
        }
    }

    /// The first row, where that was wanted.
    pub(crate) fn first(self) -> Option<T> {
        self.first
    }

    /// Every row, where those were wanted.
    pub(crate) fn all(self) -> Vec<T> {
        self.rows
    }

    /// Forgets everything: the statement is run again.
    pub(crate) fn clear(&mut self) {
        self.first = None;
        self.rows.clear();
        self.affected = 0;
    }

    /// Takes up a row. Whether more are wanted.
    pub(crate) fn take(&mut self, columns: &dyn Columns) -> Result<bool, SqlError> {
        let row = || T::from_row(&Row::new(columns));
        match self.want {
            Want::Nothing => Ok(false),
            Want::First => {
                if self.first.is_none() {
                    self.first = Some(row()?);
                }
                Ok(false)
            }
            Want::All { rows_max } if self.rows.len() == rows_max => {
                Err(SqlError::TooManyRows { rows_max })
            }
            Want::All { .. } => {
                self.rows.push(row()?);
                Ok(true)
            }
        }
    }
}

/// What is read of a row when no rows are wanted.
#[derive(Debug)]
pub(crate) struct Ignored;

impl FromRow for Ignored {
    fn from_row(_: &Row<'_>) -> Result<Self, RowError> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_escape_of_nul_is_told_from_its_picture() {
        assert!(json_holds_nul(r#""a\u0000b""#));
        assert!(json_holds_nul(r#""\\\u0000""#));
        assert!(!json_holds_nul(r#""a\\u0000b""#));
        assert!(!json_holds_nul(r#""u0000""#));
    }
}

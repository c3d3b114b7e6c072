//! Rows that cross to the caller together.

use std::cell::Cell;

use crate::{FromRow, Row, SqlError, ValueRef, row::Columns, value::Mismatch};

use super::{BATCH_BYTES, BATCH_ROWS};

/// The rows that are being put together.
pub(crate) struct Batch<T> {
    rows: Vec<T>,
    bytes: usize,
}

impl<T: FromRow> Batch<T> {
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes up a row. Whether the batch is full.
    pub(crate) fn take(&mut self, columns: &dyn Columns) -> Result<bool, SqlError> {
        let counted = Counted {
            columns,
            bytes: Cell::new(self.bytes),
        };
        if self.rows.capacity() == 0 {
            self.rows.reserve(BATCH_ROWS);
        }
        self.rows.push(T::from_row(&Row::new(&counted))?);
        self.bytes = counted.bytes.get();
        Ok(self.rows.len() >= BATCH_ROWS || self.bytes >= BATCH_BYTES)
    }

    /// The rows so far; the next batch begins.
    pub(crate) fn cut(&mut self) -> Vec<T> {
        self.bytes = 0;
        std::mem::take(&mut self.rows)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// A row that counts the bytes that are read of it.
struct Counted<'a> {
    columns: &'a dyn Columns,
    bytes: Cell<usize>,
}

impl Columns for Counted<'_> {
    fn len(&self) -> usize {
        self.columns.len()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.columns.find(name)
    }

    fn value(&self, at: usize) -> Result<ValueRef<'_>, Mismatch> {
        let value = self.columns.value(at)?;
        let bytes = match value {
            ValueRef::Text(text) | ValueRef::Json(text) => text.len(),
            ValueRef::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        self.bytes.set(self.bytes.get() + bytes);
        Ok(value)
    }
}

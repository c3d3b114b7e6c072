//! A book as a row of the file.

use purlin::sql::{FromRow, Json, Row, RowError};
use serde::Serialize;
use uuid::Uuid;

use crate::import;

/// The columns of the file: `id`, and those that an import reads.
pub const COLUMNS: &[&str] = &{
    let mut columns = ["id"; import::COLUMNS.len() + 1];
    let mut at = 0;
    while at < import::COLUMNS.len() {
        columns[at + 1] = import::COLUMNS[at];
        at += 1;
    }
    columns
};

/// A book as a row of the file, in the order of [`COLUMNS`].
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ExportRecord {
    id: Uuid,
    title: String,
    /// Joined as an import splits them.
    authors: String,
    year: i64,
    language: String,
    subject: String,
    price_cents: i64,
    stock: i64,
}

/// By position, since a million rows are read.
impl FromRow for ExportRecord {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        let Json(authors) = row.get_at::<Json<Vec<String>>>(2)?;
        Ok(Self {
            id: row.get_at(0)?,
            title: row.get_at(1)?,
            authors: authors.join(";"),
            year: row.get_at(3)?,
            language: row.get_at(4)?,
            subject: row.get_at(5)?,
            price_cents: row.get_at(6)?,
            stock: row.get_at(7)?,
        })
    }
}

//! Turns the fields of a row into a book.

use garde::Validate;

use super::{
    columns::{COLUMNS, Columns},
    rows::RawRow,
};
use crate::books::{Author, BookInput};

/// A good row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The line that it begins on, from 1; the header is line 1.
    pub line: u64,
    /// The book it describes: valid.
    pub book: BookInput,
}

/// A row that is passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct BadRow {
    /// The line that it begins on, from 1; the header is line 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: RowFault,
}

/// What is wrong with a row. The texts name columns and never repeat what is in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// Longer than [`ROW_BYTES_MAX`](super::ROW_BYTES_MAX).
    #[error("the row is longer than 65536 bytes")]
    TooLong,
    /// A quote is opened and not closed, or something follows a closing quote.
    #[error("a quote is opened and not closed, or something follows the closing quote")]
    Quotes,
    /// The bytes are not text.
    #[error("the row is not valid UTF-8")]
    NotUtf8,
    /// Too few or too many fields.
    #[error("the row has {found} fields and not 7")]
    Fields {
        /// Fields in the row.
        found: usize,
    },
    /// A field that must be a number is none.
    #[error("{column} is not a whole number of digits, with or without a minus")]
    NotANumber {
        /// The column.
        column: &'static str,
    },
    /// A field breaks a rule of [`BookInput`].
    #[error("{0}")]
    Invalid(String),
}

/// The book that `row` describes.
pub(super) fn parse(columns: &Columns, row: &RawRow) -> Result<ImportRow, BadRow> {
    let fields = row.fields()?;
    let line = row.line;
    let wrong = RowFault::Fields {
        found: fields.len(),
    };
    let picked = columns.pick(&fields).ok_or(wrong);
    let book = picked.and_then(book);
    book.map(|book| ImportRow { line, book })
        .map_err(|fault| BadRow { line, fault })
}

fn book(fields: [&str; 7]) -> Result<BookInput, RowFault> {
    let [title, authors, year, language, subject, price_cents, stock] = fields;
    let authors = authors.split(';').map(|name| Author {
        name: name.trim().to_owned(),
    });
    let book = BookInput {
        title: title.to_owned(),
        authors: authors.collect(),
        year: number(2, year)?,
        language: language.to_owned(),
        subject: subject.to_owned(),
        price_cents: number(5, price_cents)?,
        stock: number(6, stock)?,
    };
    match book.validate() {
        Ok(()) => Ok(book),
        Err(report) => Err(RowFault::Invalid(in_one_line(&report))),
    }
}

/// The number in the field of column `column`. A sum too large for the type is no number either.
fn number<T: std::str::FromStr>(column: usize, text: &str) -> Result<T, RowFault> {
    let column = COLUMNS[column];
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = plain.then(|| text.parse().ok()).flatten();
    parsed.ok_or(RowFault::NotANumber { column })
}

fn in_one_line(report: &garde::Report) -> String {
    let faults = report
        .iter()
        .map(|(path, error)| format!("{path}: {error}"));
    faults.collect::<Vec<_>>().join("; ")
}

//! The table of books, and the bare read of one row by its id.

use std::{cell::RefCell, path::PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, types::Type};
use serde::Serialize;

/// The table all contestants read.
pub const SCHEMA: &str = "CREATE TABLE books (
    id TEXT PRIMARY KEY NOT NULL,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,
    year INTEGER NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    price_cents INTEGER NOT NULL,
    stock INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT";

/// The columns of a book, in the order [`Book::from_row`] takes them.
pub const COLUMNS: &str =
    "id, title, authors, year, language, subject, price_cents, stock, created_at";

const BY_ID: &str = "SELECT id, title, authors, year, language, subject, price_cents, stock, created_at FROM books WHERE id = ?1";

/// One row, as it is answered.
#[derive(Debug, Serialize)]
pub struct Book {
    id: String,
    title: String,
    authors: serde_json::Value,
    year: i64,
    language: String,
    subject: String,
    price_cents: i64,
    stock: i64,
    created_at: String,
}

impl Book {
    /// Maps one row of [`COLUMNS`].
    ///
    /// # Errors
    /// A column of another type, or authors that are not JSON.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let authors: String = row.get(2)?;
        Ok(Self {
            id: row.get(0)?,
            title: row.get(1)?,
            authors: serde_json::from_str(&authors).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(2, Type::Text, error.into())
            })?,
            year: row.get(3)?,
            language: row.get(4)?,
            subject: row.get(5)?,
            price_cents: row.get(6)?,
            stock: row.get(7)?,
            created_at: row.get(8)?,
        })
    }
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// A bare reader: one connection for each thread, the statement from its cache, the read inline.
#[derive(Clone, Debug)]
pub struct Reader {
    path: PathBuf,
}

impl Reader {
    /// A reader of the file that `DB` names, or none.
    pub fn from_env() -> Option<Self> {
        std::env::var_os("DB").map(|path| Self { path: path.into() })
    }

    /// The book with this id.
    ///
    /// # Errors
    /// Whatever SQLite says.
    pub fn by_id(&self, id: &str) -> rusqlite::Result<Option<Book>> {
        CONNECTION.with_borrow_mut(|slot| {
            let connection = match slot {
                Some(connection) => connection,
                None => slot.insert(self.open()?),
            };
            connection
                .prepare_cached(BY_ID)?
                .query_row([id], Book::from_row)
                .optional()
        })
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
    }
}

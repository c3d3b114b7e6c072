//! Reads books from CSV: the seed of a new database, and `bookshop import FILE.csv`.
//!
//! The file is read twice, so that what goes wrong with the file as a whole is known before
//! anything is written, and so that of two rows for the same book only the last is written:
//! importing a file again therefore changes nothing. Rows go to a [`BookSink`] in batches of
//! [`BATCH_ROWS`]; each batch is in for good once the sink has taken it, so an import that was
//! stopped is finished by running it again.
//!
//! | part | what it does |
//! | --- | --- |
//! | `lines`, `rows` | cut the file into rows, within bounds, whatever is in it |
//! | `columns` | finds the columns by the header |
//! | `row` | turns a row into a book, by the rules of [`BookInput`](crate::books::BookInput) |
//! | `repeats` | finds the rows that a later row of the same file replaces |
//! | `run` | the two passes |
//! | `console` | what the person at the terminal sees |

mod columns;
mod console;
mod error;
mod lines;
mod repeats;
mod row;
mod rows;
mod run;

pub use columns::{COLUMNS, HeaderFault};
pub use console::Console;
pub use error::ImportError;
pub use repeats::FILE_ROWS_MAX;
pub use row::{BadRow, ImportRow, RowFault};
pub use rows::ROW_BYTES_MAX;
pub use run::{BATCH_ROWS, BatchOutcome, BookSink, Observer, Report, SurveyedFile, import};

/// The books that a new database begins with, in the form that an import reads.
pub const SEED: &str = include_str!("../data/books.csv");

#[cfg(test)]
mod tests;

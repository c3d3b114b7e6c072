//! Finds the rows that a later row of the same file replaces.

use std::{
    collections::{HashMap, HashSet},
    io::{self, BufRead},
};

use super::{ImportError, columns::Columns, row, rows::Rows, run::header};
use crate::books::Identity;

/// The most rows in one file: about 500 MB of memory at worst. Split a longer file.
pub const FILE_ROWS_MAX: usize = 5_000_000;

/// The first pass: the header, and the lines of rows that are not to be written because a later
/// row is the same book.
pub(super) struct Survey {
    pub(super) columns: Columns,
    pub(super) replaced: HashSet<u64>,
}

/// Reads the whole file and writes nothing.
pub(super) fn survey(input: impl BufRead) -> Result<Survey, ImportError> {
    let mut rows = Rows::new(input);
    let columns = header(&mut rows)?;
    let replaced = replaced(&mut rows, &columns)?;
    Ok(Survey { columns, replaced })
}

fn replaced<R: BufRead>(
    rows: &mut Rows<R>,
    columns: &Columns,
) -> Result<HashSet<u64>, ImportError> {
    let (mut latest, mut replaced) = (HashMap::new(), HashSet::new());
    let mut count = 0;
    while let Some(row) = rows.next().map_err(unreadable)? {
        count += 1;
        if count > FILE_ROWS_MAX {
            return Err(ImportError::TooManyRows);
        }
        let Ok(row) = row.and_then(|row| row::parse(columns, &row)) else {
            continue;
        };
        replaced.extend(latest.insert(Identity::of(&row.book), row.line));
    }
    Ok(replaced)
}

pub(super) fn unreadable(source: io::Error) -> ImportError {
    ImportError::Unreadable { source }
}

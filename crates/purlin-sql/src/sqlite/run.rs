//! Runs one statement on one connection.

use rusqlite::Connection;

use crate::{
    SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
    stream::Batch,
};

use super::{
    columns::{SqliteRow, bind},
    fault,
};

/// Why a statement did not run.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The watch stopped it.
    Interrupted,
    /// It failed.
    Failed(SqlError),
}

impl From<rusqlite::Error> for Stopped {
    fn from(error: rusqlite::Error) -> Self {
        if fault::is_interrupt(&error) {
            Self::Interrupted
        } else {
            Self::Failed(fault::translate(error))
        }
    }
}

/// Runs a statement that only reads, and stops as soon as nothing more is wanted.
pub(super) fn read<T: FromRow>(
    connection: &Connection,
    statement: &Statement,
    want: Want,
) -> Result<Collected<T>, Stopped> {
    let mut collected = Collected::new(want);
    let mut prepared = connection.prepare_cached(&statement.shape.sqlite)?;
    bind(&mut prepared, &statement.values)?;
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        if !collected
            .take(&SqliteRow::new(row, &statement.shape))
            .map_err(Stopped::Failed)?
        {
            break;
        }
    }
    Ok(collected)
}

/// Runs a statement that only reads, and hands its rows to `send` in batches.
pub(super) fn stream<T: FromRow>(
    connection: &Connection,
    statement: &Statement,
    send: impl Fn(Vec<T>) -> Result<(), SqlError>,
) -> Result<(), Stopped> {
    let mut batch = Batch::new();
    let mut prepared = connection.prepare(&statement.shape.sqlite)?;
    bind(&mut prepared, &statement.values)?;
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        if batch
            .take(&SqliteRow::new(row, &statement.shape))
            .map_err(Stopped::Failed)?
        {
            send(batch.cut()).map_err(Stopped::Failed)?;
        }
    }
    if batch.is_empty() {
        return Ok(());
    }
    send(batch.cut()).map_err(Stopped::Failed)
}

/// Runs a statement to its end and counts the rows it changed.
pub(super) fn write<T: FromRow>(
    connection: &Connection,
    statement: &Statement,
    collected: &mut Collected<T>,
) -> Result<(), Stopped> {
    collected.clear();
    let before = connection.total_changes();
    let mut prepared = connection.prepare_cached(&statement.shape.sqlite)?;
    bind(&mut prepared, &statement.values)?;
    let mut rows = prepared.raw_query();
    // A fault of the reading must not leave the change half done: the statement runs on.
    let mut unreadable = None;
    let mut wanted = true;
    while let Some(row) = rows.next()? {
        if !wanted {
            continue;
        }
        match collected.take(&SqliteRow::new(row, &statement.shape)) {
            Ok(more) => wanted = more,
            Err(error) => {
                wanted = false;
                unreadable = Some(error);
            }
        }
    }
    drop(rows);
    if connection.total_changes() != before {
        collected.affected = connection.changes();
    }
    unreadable.map_or(Ok(()), |error| Err(Stopped::Failed(error)))
}

//! Applies migrations on the writer's connection.

use rusqlite::{Connection, TransactionBehavior, params};

use crate::{
    OpenError, SqlError,
    migrate::{Applied, Dialect, Migration, Migrations},
};

use super::fault;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS _purlin_migrations (
    set_name TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL, PRIMARY KEY (set_name, version)
) STRICT, WITHOUT ROWID";

/// Applies what is missing, one transaction for each step.
pub(super) fn apply(
    connection: &mut Connection,
    migrations: Migrations,
) -> Result<usize, OpenError> {
    let mut count = 0;
    while apply_next(connection, migrations)? {
        count += 1;
    }
    Ok(count)
}

/// Applies the first step that is missing. False: none was.
fn apply_next(connection: &mut Connection, migrations: Migrations) -> Result<bool, OpenError> {
    // The lock is held from before the look at what was applied, so another process waits here.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault::translate)?;
    let applied = applied(&transaction, migrations.set()).map_err(fault::translate)?;
    let Some(step) = migrations.missing(&applied)?.first() else {
        transaction.commit().map_err(fault::translate)?;
        return Ok(false);
    };
    let failed = |error| migrations.failed(step, error);
    run(&transaction, step).map_err(failed)?;
    note(&transaction, migrations.set(), step).map_err(|error| failed(fault::translate(error)))?;
    let commit = transaction.commit();
    commit.map_err(|error| failed(fault::translate(error)))?;
    Ok(true)
}

fn applied(connection: &Connection, set: &str) -> rusqlite::Result<Vec<Applied>> {
    connection.execute(TABLE, [])?;
    let sql =
        "SELECT version, checksum FROM _purlin_migrations WHERE set_name = ?1 ORDER BY version";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([set], |row| {
        Ok(Applied {
            version: row.get(0)?,
            checksum: row.get(1)?,
            engine: Dialect::Sqlite,
        })
    })?;
    rows.collect()
}

fn run(connection: &Connection, step: &Migration) -> Result<(), SqlError> {
    connection
        .execute_batch(step.sqlite)
        .map_err(fault::translate)?;
    // A step that commits by itself cannot be undone any more.
    if connection.is_autocommit() {
        return Err(SqlError::TransactionControl);
    }
    Ok(())
}

fn note(connection: &Connection, set: &str, step: &Migration) -> rusqlite::Result<usize> {
    let sql = "INSERT INTO _purlin_migrations VALUES
               (?1, ?2, ?3, ?4, CAST(unixepoch('subsec') * 1000000 AS INTEGER))";
    let checksum = step.checksum(Dialect::Sqlite);
    connection.execute(sql, params![set, step.version, step.name, checksum])
}

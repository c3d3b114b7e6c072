//! Opening connections: what every one of them is set to.

use std::{sync::Arc, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig, ffi};

use crate::{OpenError, SqlConfig};

use super::{
    file::{APPLICATION_ID, DatabaseFile},
    watch::Watch,
};

/// Versions up to 3.51.2 can destroy a database when a write meets a checkpoint.
const VERSION_MIN: i32 = 3_051_003;

/// A connection, and what stops its statements.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) connection: Connection,
    pub(super) watch: Arc<Watch>,
}

impl Watched {
    /// Runs `work` with patience for another process's lock; without it there is none.
    pub(super) fn with_busy_timeout<T>(&self, timeout: Duration, work: impl FnOnce() -> T) -> T {
        // Setting a timeout fails only for one that is too long, which leaves the last in place.
        let _ = self.connection.busy_timeout(timeout);
        let done = work();
        let _ = self.connection.busy_timeout(Duration::ZERO);
        done
    }
}

/// Refuses a SQLite that destroys data.
pub(super) fn check_version() -> Result<(), OpenError> {
    if rusqlite::version_number() < VERSION_MIN {
        let found = rusqlite::version();
        return Err(OpenError::OldSqlite { found });
    }
    Ok(())
}

/// Opens the connection that writes; makes the file if there is none.
pub(super) fn writer(file: &DatabaseFile, config: &SqlConfig) -> Result<Watched, OpenError> {
    file.refuse_if_foreign()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let open = || {
        let mut connection = connect(file, flags, config)?;
        connection.busy_timeout(config.busy_timeout)?;
        sign(&connection)?;
        connection.execute_batch(if file.is_temporary() {
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
        } else {
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        })?;
        connection.execute_batch(
            "PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864;
             PRAGMA wal_autocheckpoint = 1000;",
        )?;
        let watch = Watch::put_on(&mut connection)?;
        Ok(Watched { connection, watch })
    };
    let opened = open().map_err(|error| refused(file, &error))?;
    file.remember();
    Ok(opened)
}

/// Opens a connection that reads; a write through it is refused by SQLite itself.
pub(super) fn reader(file: &DatabaseFile, config: &SqlConfig) -> Result<Watched, OpenError> {
    let open = || {
        let mut connection = connect(file, OpenFlags::SQLITE_OPEN_READ_ONLY, config)?;
        connection.busy_timeout(Duration::ZERO)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -2048;")?;
        let watch = Watch::put_on(&mut connection)?;
        Ok(Watched { connection, watch })
    };
    open().map_err(|error| refused(file, &error))
}

fn connect(
    file: &DatabaseFile,
    flags: OpenFlags,
    config: &SqlConfig,
) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time, so SQLite need not lock it.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file.path(), flags)?;
    connection.set_prepared_statement_cache_capacity(config.statements_kept as usize);
    // A text in double quotes is a name and never a string; a schema runs nothing by itself; a
    // kept statement keeps its plan. Without the last, SQLite plans a statement again at each
    // bind once ANALYZE has seen the table: a deep page then costs 1.7 times the first one.
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
    ] {
        connection.set_db_config(setting, value)?;
    }
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

/// Marks a new database as one of ours. Done before the log is switched on, so that the mark
/// stands in the first page of the file itself.
fn sign(connection: &Connection) -> rusqlite::Result<()> {
    let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if id == APPLICATION_ID {
        return Ok(());
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)
}

fn refused(file: &DatabaseFile, error: &rusqlite::Error) -> OpenError {
    let path = file.shown();
    if error.sqlite_error_code() == Some(ffi::ErrorCode::NotADatabase) {
        return OpenError::NotADatabase { path };
    }
    let reason = match error {
        rusqlite::Error::SqliteFailure(_, Some(said)) => said.clone(),
        other => other.to_string(),
    };
    OpenError::Unreadable { path, reason }
}

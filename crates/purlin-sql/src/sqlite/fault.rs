//! SQLite's result codes, as the errors that every engine answers with.

use std::sync::Arc;

use rusqlite::{Error, ErrorCode, ffi};

use crate::SqlError;

/// The error for `error`. An interrupt is the caller's to explain: see [`is_interrupt`].
pub(super) fn translate(error: Error) -> SqlError {
    let Some(code) = error.sqlite_error_code() else {
        return SqlError::Statement(Arc::new(error));
    };
    match code {
        ErrorCode::ConstraintViolation => constraint(error),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => SqlError::Busy(Arc::new(error)),
        ErrorCode::ReadOnly => SqlError::ReadOnly,
        ErrorCode::DiskFull => SqlError::StorageFull(Arc::new(error)),
        ErrorCode::TooBig => SqlError::TooLarge,
        ErrorCode::CannotOpen
        | ErrorCode::SystemIoFailure
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::PermissionDenied
        | ErrorCode::OutOfMemory => SqlError::Unavailable(Arc::new(error)),
        _ => SqlError::Statement(Arc::new(error)),
    }
}

/// The statement was stopped by its progress handler.
pub(super) fn is_interrupt(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

fn constraint(error: Error) -> SqlError {
    let said = match &error {
        Error::SqliteFailure(_, Some(said)) => said.as_str(),
        _ => "",
    };
    // "UNIQUE constraint failed: books.title, books.year"
    let named = said.split_once(": ").map_or(said, |(_, named)| named);
    let constraint = named.to_owned();
    match error.sqlite_extended_error_code() {
        Some(
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID,
        ) => SqlError::Unique { constraint },
        Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => SqlError::ForeignKey { constraint },
        Some(ffi::SQLITE_CONSTRAINT_NOTNULL) => SqlError::NotNull { column: constraint },
        Some(ffi::SQLITE_CONSTRAINT_CHECK | ffi::SQLITE_CONSTRAINT_TRIGGER) => {
            SqlError::Check { constraint }
        }
        _ => SqlError::Statement(Arc::new(error)),
    }
}

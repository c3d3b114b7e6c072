//! Postgres' error codes, as the errors that every engine answers with.

use std::{sync::Arc, time::Duration};

use sqlx_core::Error;
use sqlx_postgres::PgDatabaseError;

use crate::SqlError;

/// The error for `error`. A statement stopped by its time limit has a deadline of zero: see
/// [`at_deadline`].
pub(super) fn translate(error: Error) -> SqlError {
    match error {
        Error::Database(ref database) => match database.try_downcast_ref::<PgDatabaseError>() {
            Some(said) => by_code(said).unwrap_or_else(|class| class(Arc::new(error))),
            None => SqlError::Statement(Arc::new(error)),
        },
        Error::PoolClosed => SqlError::Closed,
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::WorkerCrashed
        | Error::BeginFailed => SqlError::Unavailable(Arc::new(error)),
        _ => SqlError::Statement(Arc::new(error)),
    }
}

type WithCause = fn(crate::error::Cause) -> SqlError;

/// The error by the SQLSTATE, or the variant that takes the cause.
fn by_code(said: &PgDatabaseError) -> Result<SqlError, WithCause> {
    let constraint = || said.constraint().unwrap_or_default().to_owned();
    let code = said.code();
    Ok(match code {
        "23505" | "23P01" => SqlError::Unique {
            constraint: constraint(),
        },
        "23503" => SqlError::ForeignKey {
            constraint: constraint(),
        },
        "23514" => SqlError::Check {
            constraint: constraint(),
        },
        "23502" => SqlError::NotNull {
            column: said.column().unwrap_or_default().to_owned(),
        },
        "25006" => SqlError::ReadOnly,
        "25P02" => SqlError::Aborted,
        "57014" | "25P03" => SqlError::Deadline {
            deadline: Duration::ZERO,
        },
        "22021" => SqlError::Nul,
        "54000" => SqlError::TooLarge,
        "40001" | "40P01" => return Err(SqlError::Serialization),
        "55P03" => return Err(SqlError::Busy),
        "53100" => return Err(SqlError::StorageFull),
        _ => {
            // 3D: the database was dropped, or is not there yet.
            let away = ["08", "3D", "53", "57P", "58", "XX"];
            let is_away = away.iter().any(|prefix| code.starts_with(prefix));
            return Err(if is_away {
                SqlError::Unavailable
            } else {
                SqlError::Statement
            });
        }
    })
}

/// Says which deadline it was.
pub(super) fn at_deadline(error: SqlError, deadline: Duration) -> SqlError {
    match error {
        SqlError::Deadline { .. } => SqlError::Deadline { deadline },
        other => other,
    }
}

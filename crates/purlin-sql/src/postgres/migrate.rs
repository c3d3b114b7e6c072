//! Applies migrations on a connection of their own, which has no time limits.

use sqlx_core::{
    connection::Connection, executor::Executor, query::query, raw_sql::raw_sql, row::Row,
    transaction::TransactionManager,
};
use sqlx_postgres::{PgConnectOptions, PgConnection, PgTransactionManager, Postgres as Driver};

use crate::{
    OpenError, SqlError,
    migrate::{Applied, Dialect, Migration, Migrations},
};

use super::fault;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS _purlin_migrations (
    set_name text NOT NULL, version integer NOT NULL, name text NOT NULL, checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (set_name, version)
)";

/// "Purlin" as a number: what two programs that migrate one database wait for each other by.
const LOCK: &str = "SELECT pg_advisory_xact_lock(88504816724334)";

/// Applies what is missing, one transaction for each step.
pub(super) async fn apply(
    options: &PgConnectOptions,
    migrations: Migrations,
) -> Result<usize, OpenError> {
    let connecting = PgConnection::connect_with(options);
    let mut connection = connecting.await.map_err(fault::translate)?;
    let mut count = 0;
    // A step that failed is undone by the server when the connection is dropped.
    while apply_next(&mut connection, migrations).await? {
        count += 1;
    }
    connection.close().await.map_err(fault::translate)?;
    Ok(count)
}

/// Applies the first step that is missing. False: none was.
async fn apply_next(
    connection: &mut PgConnection,
    migrations: Migrations,
) -> Result<bool, OpenError> {
    let begun = PgTransactionManager::begin(connection, None).await;
    begun.map_err(fault::translate)?;
    // The lock is held from before the look at what was applied, so another process waits here.
    let applied = applied(connection, migrations.set())
        .await
        .map_err(fault::translate)?;
    let Some(step) = migrations.missing(&applied)?.first() else {
        let committed = PgTransactionManager::commit(connection).await;
        committed.map_err(fault::translate)?;
        return Ok(false);
    };
    let done = run(connection, migrations.set(), step).await;
    done.map_err(|error| migrations.failed(step, error))?;
    Ok(true)
}

async fn applied(
    connection: &mut PgConnection,
    set: &str,
) -> Result<Vec<Applied>, sqlx_core::Error> {
    connection.execute(raw_sql(LOCK)).await?;
    connection.execute(raw_sql(TABLE)).await?;
    let sql =
        "SELECT version, checksum FROM _purlin_migrations WHERE set_name = $1 ORDER BY version";
    let rows = query::<Driver>(sql).bind(set).fetch_all(connection).await?;
    let read = |row: &sqlx_postgres::PgRow| {
        Ok(Applied {
            version: row.try_get::<i32, _>(0)?.unsigned_abs(),
            checksum: row.try_get(1)?,
            engine: Dialect::Postgres,
        })
    };
    rows.iter().map(read).collect()
}

async fn run(connection: &mut PgConnection, set: &str, step: &Migration) -> Result<(), SqlError> {
    let before = transaction_id(connection).await?;
    let ran = connection.execute(raw_sql(step.postgres)).await;
    ran.map_err(fault::translate)?;
    // A step that commits by itself cannot be undone any more.
    if transaction_id(connection).await? != before {
        return Err(SqlError::TransactionControl);
    }
    let note = "INSERT INTO _purlin_migrations (set_name, version, name, checksum)
                VALUES ($1, $2, $3, $4)";
    let noted = query::<Driver>(note)
        .bind(set)
        .bind(step.version as i32)
        .bind(step.name)
        .bind(step.checksum(Dialect::Postgres))
        .execute(&mut *connection)
        .await;
    noted.map_err(fault::translate)?;
    let committed = PgTransactionManager::commit(connection).await;
    committed.map_err(fault::translate)
}

/// Which transaction this is; another one after a commit.
async fn transaction_id(connection: &mut PgConnection) -> Result<i64, SqlError> {
    let query = query::<Driver>("SELECT txid_current()");
    let row = query.fetch_one(connection).await;
    row.and_then(|row| row.try_get(0)).map_err(fault::translate)
}

//! Postgres: a pool that writes, and a pool of its own that may only read.

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx_core::{connection::Connection, pool::PoolConnection};
use sqlx_postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres as Driver};

use crate::{
    Migrations, OpenError, RowStream, SqlConfig, SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
    wake::Wakes,
};

mod columns;
mod fault;
mod listen;
mod migrate;
mod run;
mod session;
mod streams;
mod values;

pub(crate) use session::Session;

use listen::Courier;
use streams::Streams;

/// What the server waits longer than we do before it ends a stream that stands still.
const IDLE_MARGIN: Duration = Duration::from_secs(5);

/// How long connections may take to close once nothing runs on them any more.
const CLOSE_MARGIN: Duration = Duration::from_secs(5);

/// A Postgres database that is open.
#[derive(Debug)]
pub(crate) struct Postgres {
    writers: PgPool,
    readers: PgPool,
    streams: Streams,
    /// `None`: wake-ups stay in the process.
    courier: Option<Courier>,
    /// How to reach it without the time limits of the pools, for migrations.
    options: PgConnectOptions,
    config: SqlConfig,
}

impl Postgres {
    /// Connects once, so that a wrong address or password is told at the start.
    pub(crate) async fn open(config: SqlConfig, wakes: &Arc<Wakes>) -> Result<Self, OpenError> {
        let options = options(&config, &config.url)?;
        let reads = options_for_reading(&config)?;
        for probe in [&options, &reads] {
            let connecting = PgConnection::connect_with(probe);
            let timed = tokio::time::timeout(config.acquire_timeout, connecting).await;
            let connection = timed
                .map_err(|late| SqlError::Unavailable(Arc::new(late)))?
                .map_err(fault::translate)?;
            connection.close().await.map_err(fault::translate)?;
        }
        let deadline = config.transaction_deadline;
        let writes = options.clone().options([
            ("statement_timeout", millis(deadline)),
            ("idle_in_transaction_session_timeout", millis(deadline)),
        ]);
        let streamed = reads.clone().options([
            ("statement_timeout", millis(config.stream_deadline)),
            (
                "idle_in_transaction_session_timeout",
                millis(config.stream_stall + IDLE_MARGIN),
            ),
        ]);
        let streams = pool(&config, config.streams).connect_lazy_with(streamed);
        let readers = pool(&config, config.readers).connect_lazy_with(reads);
        let courier = (!config.poll_only)
            .then(|| Courier::start(&config, options.clone(), Arc::clone(wakes)));
        Ok(Self {
            courier,
            writers: pool(&config, config.writers).connect_lazy_with(writes),
            streams: Streams::new(streams, readers.clone()),
            readers,
            options,
            config,
        })
    }

    pub(crate) async fn read<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let mut connection = acquire(&self.readers).await?;
        let outcome = run::statement(&mut connection, statement, want).await;
        outcome.map_err(|error| fault::at_deadline(error, self.config.read_deadline))
    }

    pub(crate) async fn stream<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<RowStream<T>, SqlError> {
        self.streams.begin(statement, &self.config).await
    }

    pub(crate) async fn write<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let mut connection = acquire(&self.writers).await?;
        let outcome = run::statement(&mut connection, statement, want).await;
        outcome.map_err(|error| fault::at_deadline(error, self.config.transaction_deadline))
    }

    pub(crate) async fn begin(&self) -> Result<Session, SqlError> {
        let connection = acquire(&self.writers).await?;
        Session::begin(connection, self.config.transaction_deadline).await
    }

    /// Wakes `channel` in other processes.
    pub(crate) fn announce(&self, channel: &'static str) {
        if let Some(courier) = &self.courier {
            courier.announce(channel);
        }
    }

    pub(crate) async fn migrate(&self, migrations: Migrations) -> Result<usize, OpenError> {
        if self.writers.is_closed() {
            return Err(SqlError::Closed.into());
        }
        migrate::apply(&self.options, migrations).await
    }

    /// Whether it answers.
    pub(crate) async fn check(&self) -> Result<(), SqlError> {
        for pool in [&self.writers, &self.readers] {
            acquire(pool)
                .await?
                .ping()
                .await
                .map_err(fault::translate)?;
        }
        Ok(())
    }

    /// Finishes what was accepted, for as long as that may take at most.
    pub(crate) async fn close(&self) {
        let longest = self
            .config
            .read_deadline
            .max(self.config.transaction_deadline);
        let closed = tokio::time::timeout(longest + CLOSE_MARGIN, self.close_all()).await;
        if closed.is_err() {
            tracing::warn!(target: "purlin::sql", "a connection was not given back; it is left to the server");
        }
    }

    async fn close_all(&self) {
        if let Some(courier) = &self.courier {
            courier.close().await;
        }
        self.streams.close().await;
        self.readers.close().await;
        self.writers.close().await;
    }
}

async fn acquire(pool: &PgPool) -> Result<PoolConnection<Driver>, SqlError> {
    pool.acquire().await.map_err(|error| {
        let all_taken = pool.size() >= pool.options().get_max_connections();
        match error {
            sqlx_core::Error::PoolTimedOut if all_taken => SqlError::Exhausted,
            error => fault::translate(error),
        }
    })
}

fn pool(config: &SqlConfig, connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(config.acquire_timeout)
}

fn options(config: &SqlConfig, url: &str) -> Result<PgConnectOptions, OpenError> {
    // The address may hold a password, so of the error only its kind is told.
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Address {
        reason: "it does not read as one of Postgres".to_owned(),
    })?;
    let options = options.statement_cache_capacity(config.statements_kept as usize);
    // Purlin counts and times statements itself.
    Ok(sqlx_core::connection::ConnectOptions::disable_statement_logging(options))
}

fn options_for_reading(config: &SqlConfig) -> Result<PgConnectOptions, OpenError> {
    let url = config.read_url.as_deref().unwrap_or(&config.url);
    Ok(options(config, url)?.options([
        ("default_transaction_read_only", "on".to_owned()),
        ("statement_timeout", millis(config.read_deadline)),
    ]))
}

/// Whole milliseconds, at least 1: 0 would be no limit.
fn millis(time: Duration) -> String {
    time.as_millis().clamp(1, i32::MAX as u128).to_string()
}

//! Streams of rows: each is a cursor in a transaction of its own, read by a task.
//!
//! A plain answer could not be given up: its connection would have to read it to the end before
//! it is good for anything else. A cursor is fetched from in parts, and closed where one stands.

use futures_util::TryStreamExt;
use sqlx_core::{
    executor::Executor, pool::PoolConnection, query::query, query::query_with, row::Row as _,
    transaction::TransactionManager,
};
use sqlx_postgres::{PgPool, PgTransactionManager, Postgres as Driver};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Duration, timeout},
};

use crate::{
    RowStream, SqlConfig, SqlError, Value,
    row::FromRow,
    statement::Statement,
    stream::{BATCH_ROWS, Batch, Closing, Feed, feed},
};

use super::{acquire, columns::PostgresRow, fault, run, values};

/// As many rows as a batch holds; the rows of one part are read from the socket as they are taken.
const FETCH: &str = "fetch forward 256 from purlin_rows";
const _: () = assert!(
    BATCH_ROWS == 256,
    "`FETCH` says how many rows a batch holds"
);

/// How long a statement that was told to stop may take to do so before its connection is closed.
const CANCEL_MAX: Duration = Duration::from_secs(5);

/// The connections that streams have for themselves.
#[derive(Debug)]
pub(super) struct Streams {
    pool: PgPool,
    /// From where a statement is told to stop.
    readers: PgPool,
    closing: watch::Sender<bool>,
}

impl Streams {
    pub(super) fn new(pool: PgPool, readers: PgPool) -> Self {
        Self {
            pool,
            readers,
            closing: watch::Sender::new(false),
        }
    }

    pub(super) async fn begin<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        config: &SqlConfig,
    ) -> Result<RowStream<T>, SqlError> {
        let closing: Closing = self.closing.subscribe();
        let cursor = Cursor(Some(acquire(&self.pool).await?));
        let (feed, batches) = feed(closing, config.stream_stall, config.stream_deadline);
        let work = produce(cursor, self.readers.clone(), statement, feed);
        RowStream::new(batches, detach(work)).begun().await
    }

    /// Begins no more, ends those that are running, and waits until they have ended.
    pub(super) async fn close(&self) {
        self.closing.send_replace(true);
        self.pool.close().await;
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}

/// A connection with a transaction that is open. Dropped, it is rolled back.
struct Cursor(Option<PoolConnection<Driver>>);

async fn produce<T: FromRow + Send>(
    mut cursor: Cursor,
    readers: PgPool,
    statement: Statement,
    feed: Feed<T>,
) -> Result<(), SqlError> {
    let read = read_or_stop(&mut cursor, &readers, &statement, &feed).await;
    let outcome = match read {
        Some(outcome) => {
            cursor.end().await;
            outcome
        }
        None => {
            cursor.cut();
            Err(feed.why())
        }
    };
    feed.ended(outcome)
}

/// `None`: the statement did not stop when it was told to.
async fn read_or_stop<T: FromRow + Send>(
    cursor: &mut Cursor,
    readers: &PgPool,
    statement: &Statement,
    feed: &Feed<T>,
) -> Option<Result<(), SqlError>> {
    let connection = cursor.connection();
    let process = match begin(connection).await {
        Ok(process) => process,
        Err(error) => return Some(Err(error)),
    };
    let mut reading = std::pin::pin!(read(connection, statement, feed));
    let why = tokio::select! {
        // First: what waits for the caller ends by itself when the stream is over.
        biased;
        outcome = &mut reading => return Some(outcome),
        why = feed.over() => why,
    };
    cancel(readers, process).await;
    let _stopped = timeout(CANCEL_MAX, reading).await.ok()?;
    Some(Err(why))
}

async fn begin(connection: &mut PoolConnection<Driver>) -> Result<i32, SqlError> {
    let begun = PgTransactionManager::begin(connection, None).await;
    begun.map_err(fault::translate)?;
    let row = connection.fetch_one(query::<Driver>("select pg_backend_pid()"));
    row.await
        .and_then(|row| row.try_get(0))
        .map_err(fault::translate)
}

async fn read<T: FromRow + Send>(
    connection: &mut PoolConnection<Driver>,
    statement: &Statement,
    feed: &Feed<T>,
) -> Result<(), SqlError> {
    run::declare(connection, statement).await?;
    loop {
        let fetched = fetch(connection, feed).await?;
        if fetched < BATCH_ROWS {
            return Ok(());
        }
    }
}

/// Fetches one part and hands it on; how many rows it had.
async fn fetch<T: FromRow + Send>(
    connection: &mut PoolConnection<Driver>,
    feed: &Feed<T>,
) -> Result<usize, SqlError> {
    // Not kept: what is known of its columns would be that of the cursor before.
    let part = query::<Driver>(FETCH).persistent(false);
    let mut rows = connection.fetch(part);
    let (mut batch, mut fetched) = (Batch::new(), 0);
    while let Some(row) = rows.try_next().await.map_err(fault::translate)? {
        fetched += 1;
        if batch.take(&PostgresRow(&row))? {
            feed.send(batch.cut()).await?;
        }
    }
    if !batch.is_empty() {
        feed.send(batch.cut()).await?;
    }
    Ok(fetched)
}

/// Tells the server to stop what `process` is doing. That this fails is no fault of the caller:
/// then the connection is closed.
async fn cancel(readers: &PgPool, process: i32) {
    let Ok(arguments) = values::arguments(&[Value::Int(process.into())]) else {
        return;
    };
    let cancel = query_with::<Driver, _>("select pg_cancel_backend($1::int)", arguments);
    if let Err(error) = readers.execute(cancel).await {
        tracing::warn!(target: "purlin::sql", %error, "a statement could not be told to stop");
    }
}

impl Cursor {
    fn connection(&mut self) -> &mut PoolConnection<Driver> {
        self.0.as_mut().expect("it is taken only at the end")
    }

    /// Ends the transaction and gives the connection back.
    async fn end(mut self) {
        if let Some(mut connection) = self.0.take()
            && PgTransactionManager::rollback(&mut connection)
                .await
                .is_err()
        {
            drop(connection.detach());
        }
    }

    /// Closes the connection, whatever it is doing.
    fn cut(mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}

impl Drop for Cursor {
    /// The rollback is sent when the connection goes back to the pool.
    fn drop(&mut self) {
        if let Some(mut connection) = self.0.take() {
            // It is being begun: the driver would forget it.
            if PgTransactionManager::get_transaction_depth(&connection) == 0 {
                drop(connection.detach());
                return;
            }
            PgTransactionManager::start_rollback(&mut connection);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "there is no context to carry")]
fn detach<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

//! Reading rows of any number.

use std::time::Instant;

use crate::{RowStream, SqlError, row::FromRow};

use super::{Engine, ReadStatement};

impl ReadStatement<'_> {
    /// Sends the statement, and reads its rows while it runs: any number of them, in flat memory.
    ///
    /// The answer is here with the first rows, so what is wrong with the statement is told by this
    /// call, and not in the middle of what is made of the rows. [`crate::stream`] says what bounds
    /// a stream. The database is closed for a stream only by [`Db::close`](crate::Db::close) or
    /// when its last clone is dropped.
    ///
    /// On Postgres the statement must be one that a cursor can be declared for: `select`, `values`
    /// or `with … select`.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; [`SqlError::Exhausted`] if [`SqlConfig::streams`](crate::SqlConfig::streams)
    /// are open and none ends within `acquire_timeout`.
    ///
    /// # Cancel safety
    ///
    /// A future, or a stream, that is dropped stops the statement.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use purlin_sql::Db;
    ///
    /// let db = Db::connect("sqlite::memory:").await?;
    /// let numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1)
    ///                select i from n";
    /// let mut rows = db.read().query(numbers).bind(1_000_000).stream::<(i64,)>().await?;
    /// let mut sum = 0;
    /// while let Some(row) = rows.next().await {
    ///     sum += row?.0;
    /// }
    /// assert_eq!(sum, 500_000_500_000);
    /// # Ok(()) }
    /// ```
    pub async fn stream<T: FromRow + Send + 'static>(self) -> Result<RowStream<T>, SqlError> {
        let Self {
            db,
            query,
            sent_from,
        } = self;
        let statement = db.statement(query, sent_from)?;
        let (text, began) = (statement.text.clone(), Instant::now());
        let begun = match &db.0.engine {
            Engine::Sqlite(sqlite) => sqlite.stream(statement).await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => postgres.stream(statement).await,
        };
        // To the first rows: how long the rest takes is up to the caller.
        crate::statement::log_if_slow(&text, sent_from, began, db.0.config.slow_statement);
        begun
    }
}

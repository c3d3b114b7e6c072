//! Reading.

use std::panic::Location;

use crate::{
    IntoQuery, Query, SqlError,
    row::FromRow,
    statement::{Collected, Want},
};

use super::{Db, Engine, Timing, fetch::fetches};

/// Reads a database; a write through it is refused by the database itself.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'db>(&'db Db);

impl Db {
    /// Reads, and cannot write. Each statement sees what was committed before it began, inside of
    /// a transaction's closure too: the state before that transaction.
    ///
    /// On SQLite a quick read runs on the thread that asks, within
    /// [`SqlConfig::inline_budget`](crate::SqlConfig::inline_budget); a slow one moves to a thread
    /// for blocking work.
    pub fn read(&self) -> Reader<'_> {
        Reader(self)
    }
}

impl<'db> Reader<'db> {
    /// A statement that reads. It is counted under the line of this call.
    #[track_caller]
    pub fn query(self, query: impl IntoQuery) -> ReadStatement<'db> {
        ReadStatement {
            db: self.0,
            query: query.into_query(),
            sent_from: Location::caller(),
        }
    }
}

/// A statement that reads. It is sent by one of the `fetch_` methods, or by
/// [`stream`](Self::stream).
///
/// # Cancel safety
///
/// A future that is dropped stops the statement.
#[derive(Debug)]
#[must_use = "a statement does nothing until it is sent"]
pub struct ReadStatement<'db> {
    pub(super) db: &'db Db,
    pub(super) query: Query,
    pub(super) sent_from: &'static Location<'static>,
}

fetches!(ReadStatement<'db>);

impl ReadStatement<'_> {
    fn db(&self) -> &Db {
        self.db
    }

    async fn send<T: FromRow + Send + 'static>(self, want: Want) -> Result<Collected<T>, SqlError> {
        let Self {
            db,
            query,
            sent_from,
        } = self;
        let statement = db.statement(query, sent_from)?;
        // Not by `timed`: each future inside another holds the statement once more.
        let timing = Timing::begin(&statement);
        let outcome = match &db.0.engine {
            Engine::Sqlite(sqlite) => sqlite.read(statement, want).await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => postgres.read(statement, want).await,
        };
        timing.end(db);
        outcome
    }
}

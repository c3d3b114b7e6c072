//! Writing one statement.

use std::panic::Location;

use crate::{
    IntoQuery, Query, SqlError,
    row::FromRow,
    statement::{Collected, Ignored, Want},
};

use super::{Db, Engine, fetch::fetches, open_transaction, timed};

impl Db {
    /// A statement that writes, in a transaction of its own. It is counted under the line of this
    /// call.
    ///
    /// On SQLite the writes of many callers share one commit, and nobody is answered before it:
    /// that is much quicker than a transaction for each. One that fails does not harm the others.
    #[track_caller]
    pub fn write(&self, query: impl IntoQuery) -> WriteStatement<'_> {
        WriteStatement {
            db: self,
            query: query.into_query(),
            sent_from: Location::caller(),
            urgent: false,
        }
    }
}

/// A statement that writes. It is sent by `execute` or one of the `fetch_` methods.
///
/// # Cancel safety
///
/// A future that is dropped before the database has begun with the statement leaves nothing
/// behind; later, the statement is run to its end.
#[derive(Debug)]
#[must_use = "a statement does nothing until it is sent"]
pub struct WriteStatement<'db> {
    db: &'db Db,
    query: Query,
    sent_from: &'static Location<'static>,
    urgent: bool,
}

fetches!(WriteStatement<'db>);

impl WriteStatement<'_> {
    /// Goes before everything that waits: for the renewal of leases, which must not be late.
    pub fn urgent(mut self) -> Self {
        self.urgent = true;
        self
    }

    /// Sends the statement and returns how many rows it changed.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; [`SqlError::Nested`] inside of a transaction of the same database.
    pub async fn execute(self) -> Result<u64, SqlError> {
        Ok(self.send::<Ignored>(Want::Nothing).await?.affected)
    }

    fn db(&self) -> &Db {
        self.db
    }

    async fn send<T: FromRow + Send + 'static>(self, want: Want) -> Result<Collected<T>, SqlError> {
        let Self {
            db,
            query,
            sent_from,
            urgent,
        } = self;
        let statement = db.statement(query, sent_from)?;
        open_transaction::refuse_if_open(db)?;
        timed(db, statement, async |statement| match &db.0.engine {
            Engine::Sqlite(sqlite) => sqlite.write(statement, want, urgent).await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => postgres.write(statement, want).await,
        })
        .await
    }
}

//! Transactions: several statements, all or none.

use std::panic::Location;

#[cfg(feature = "postgres")]
use crate::postgres;
use crate::{
    IntoQuery, Query, SqlError,
    row::FromRow,
    sqlite,
    statement::{Collected, Ignored, Want},
};

use super::{Db, Engine, fetch::fetches, open_transaction, timed};

impl Db {
    /// Runs `work` in a transaction: commits if it returns `Ok`, rolls back if it returns `Err`.
    ///
    /// `work` should wait for nothing but the database: on SQLite everybody else's writes wait for
    /// it. It has [`SqlConfig::transaction_deadline`](crate::SqlConfig::transaction_deadline) from
    /// the moment the transaction has begun; then it is rolled back, and every later statement and
    /// the commit answer [`SqlError::Deadline`].
    ///
    /// After a statement has failed the transaction can only be rolled back, on both engines
    /// alike: return the error. To write only if nothing is in the way, use `on conflict`.
    /// [`Db::read`] works inside of `work` and sees the state before the transaction.
    ///
    /// # Errors
    ///
    /// What `work` returns, or a [`SqlError`]: [`Nested`](SqlError::Nested) inside of another
    /// transaction of the same database and task; [`Aborted`](SqlError::Aborted) if `work`
    /// returned `Ok` though a statement had failed.
    ///
    /// # Cancel safety
    ///
    /// Dropped before `work` has ended: rolled back at once. Dropped later: the commit runs to its
    /// end.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), purlin_sql::OpenError> {
    /// use purlin_sql::{Db, SqlError};
    ///
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// db.write("create table stock (book integer primary key, left_over integer check (left_over >= 0))")
    ///     .execute()
    ///     .await?;
    /// db.write("insert into stock values (1, 1)").execute().await?;
    ///
    /// let sold = db
    ///     .transaction(async |tx| {
    ///         tx.query("insert into stock values (2, 5)").execute().await?;
    ///         let take = "update stock set left_over = left_over - 2 where book = $1";
    ///         tx.query(take).bind(1).execute().await
    ///     })
    ///     .await;
    ///
    /// assert!(matches!(sold, Err(SqlError::Check { .. })));
    /// let (books,) = db.read().query("select count(*) from stock").fetch_one::<(i64,)>().await?;
    /// assert_eq!(books, 1); // The insert is undone too.
    /// # Ok(()) }
    /// ```
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Tx) -> Result<T, E>,
        E: From<SqlError>,
    {
        open_transaction::refuse_if_open(self)?;
        let mut tx = self.begin().await?;
        let outcome = open_transaction::scope(self.clone(), work(&mut tx)).await;
        match outcome {
            Ok(done) => {
                tx.commit().await?;
                Ok(done)
            }
            Err(error) => {
                tx.roll_back().await;
                Err(error)
            }
        }
    }

    pub(super) async fn begin(&self) -> Result<Tx, SqlError> {
        let session = match &self.0.engine {
            Engine::Sqlite(sqlite) => Session::Sqlite(sqlite.begin().await?),
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => Session::Postgres(postgres.begin().await?),
        };
        Ok(Tx::new(self.clone(), session))
    }
}

/// A transaction that is open. It is handed to the closure of [`Db::transaction`].
#[derive(Debug)]
pub struct Tx {
    db: Db,
    session: Session,
    failed: bool,
    /// The channels to wake after the commit.
    pub(super) notified: Vec<&'static str>,
}

/// The engine's end of a transaction. The variants offer the same methods.
#[derive(Debug)]
pub(super) enum Session {
    Sqlite(sqlite::Session),
    /// On the writer's own thread, within a [`Batch`](super::Batch).
    Inline(sqlite::InlineSession),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Session),
}

impl Tx {
    pub(super) fn new(db: Db, session: Session) -> Self {
        Self {
            db,
            session,
            failed: false,
            notified: Vec::new(),
        }
    }

    /// Whether a statement has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Why a statement on the writer's thread has failed.
    pub(super) fn stopped(&mut self) -> Option<sqlite::InlineStopped> {
        match &mut self.session {
            Session::Inline(session) => session.stopped(),
            _ => None,
        }
    }

    /// A statement in this transaction. It is counted under the line of this call.
    #[track_caller]
    pub fn query(&mut self, query: impl IntoQuery) -> TxStatement<'_> {
        TxStatement {
            tx: self,
            query: query.into_query(),
            sent_from: Location::caller(),
        }
    }

    /// The database that this is a transaction of.
    pub fn db(&self) -> &Db {
        &self.db
    }

    pub(super) async fn commit(self) -> Result<(), SqlError> {
        if self.failed {
            self.roll_back().await;
            return Err(SqlError::Aborted);
        }
        match self.session {
            Session::Sqlite(session) => session.commit().await,
            // The group commits.
            Session::Inline(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Session::Postgres(session) => session.commit().await,
        }?;
        for channel in self.notified {
            self.db.notify(channel);
        }
        Ok(())
    }

    pub(super) async fn roll_back(self) {
        match self.session {
            Session::Sqlite(session) => session.roll_back().await,
            Session::Inline(_) => {}
            #[cfg(feature = "postgres")]
            Session::Postgres(session) => session.roll_back().await,
        }
    }
}

/// A statement in a transaction. It is sent by `execute` or one of the `fetch_` methods.
///
/// # Cancel safety
///
/// A future that is dropped may have run its statement or not; the transaction goes on.
#[derive(Debug)]
#[must_use = "a statement does nothing until it is sent"]
pub struct TxStatement<'tx> {
    tx: &'tx mut Tx,
    query: Query,
    sent_from: &'static Location<'static>,
}

fetches!(TxStatement<'tx>);

impl TxStatement<'_> {
    /// Sends the statement and returns how many rows it changed.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; [`SqlError::Deadline`] once the transaction's time is up,
    /// [`SqlError::Aborted`] after another statement has failed.
    pub async fn execute(self) -> Result<u64, SqlError> {
        Ok(self.send::<Ignored>(Want::Nothing).await?.affected)
    }

    fn db(&self) -> &Db {
        &self.tx.db
    }

    async fn send<T: FromRow + Send + 'static>(self, want: Want) -> Result<Collected<T>, SqlError> {
        let Self {
            tx,
            query,
            sent_from,
        } = self;
        let Tx {
            db,
            session,
            failed,
            notified: _,
        } = tx;
        let statement = db.statement(query, sent_from)?;
        if *failed {
            return Err(SqlError::Aborted);
        }
        let outcome = timed(db, statement, async |statement| match session {
            Session::Sqlite(session) => session.run(statement, want).await,
            Session::Inline(session) => session.run(&statement, want),
            #[cfg(feature = "postgres")]
            Session::Postgres(session) => session.run(statement, want).await,
        })
        .await;
        // A row that could not be read leaves the statement done: nothing is broken.
        *failed = matches!(&outcome, Err(error) if !is_of_the_reading(error));
        outcome
    }
}

fn is_of_the_reading(error: &SqlError) -> bool {
    matches!(error, SqlError::Row(_) | SqlError::TooManyRows { .. })
}

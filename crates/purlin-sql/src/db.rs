//! A database: reading, writing, transactions.

use std::{fmt, panic::Location, sync::Arc, time::Instant};

#[cfg(feature = "postgres")]
use crate::postgres::Postgres;
use crate::{
    IntoQuery, Migrations, OpenError, SqlConfig, SqlError,
    row::FromRow,
    sqlite::Sqlite,
    statement::{Collected, Shapes, Statement, Want},
    wake::Wakes,
};

mod batch;
mod fetch;
mod lifecycle;
mod open_transaction;
mod read;
mod stream;
mod transaction;
mod wake;
mod write;

pub use batch::Batch;
pub use read::{ReadStatement, Reader};
pub use transaction::{Tx, TxStatement};
pub use write::WriteStatement;

/// A database. Cheap to clone; clones are the same database.
///
/// | to | call |
/// | --- | --- |
/// | read | [`Db::read`] |
/// | write one statement | [`Db::write`] |
/// | write several, all or none | [`Db::transaction`] |
/// | write several, all or none, many times a second | [`Db::batch`] |
/// | wake, and be woken | [`Db::notify`], [`Db::listen`] |
///
/// Every statement is counted in the running [`Context`](purlin_base::Context) by its text and the
/// line that sent it, and logged when it is slow.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    shapes: Shapes,
    config: SqlConfig,
    wakes: Arc<Wakes>,
}

/// What does the work. The variants offer the same methods.
enum Engine {
    Sqlite(Box<Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Box<Postgres>),
}

impl Db {
    /// Opens the database at an address, or as a [`SqlConfig`] says.
    ///
    /// A SQLite file that does not exist is made. One that exists must be a database of ours: it
    /// is told by SQLite's `application_id`.
    ///
    /// # Errors
    ///
    /// [`OpenError`] for an address that is none, an engine that is not built in, a setting out of
    /// range, or a database that cannot be used. Nothing is written into a foreign file.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time enabled.
    pub async fn connect(config: impl Into<SqlConfig>) -> Result<Self, OpenError> {
        let config = config.into();
        if let Some((setting, range)) = config.out_of_range() {
            return Err(OpenError::Setting { setting, range });
        }
        let wakes = Arc::<Wakes>::default();
        let engine = Engine::open(&config, &wakes).await?;
        Ok(Self(Arc::new(Inner {
            engine,
            shapes: Shapes::default(),
            config,
            wakes,
        })))
    }

    /// Finishes what was accepted and closes the database. Every clone answers
    /// [`SqlError::Closed`] from then on; closing again does nothing.
    ///
    /// # Cancel safety
    ///
    /// The database is closed even if the future is dropped.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => postgres.close().await,
        }
        // Whoever waits is to find out that it is closed.
        self.0.wakes.wake_all();
    }

    /// The engine that serves it: `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        match &self.0.engine {
            Engine::Sqlite(_) => "sqlite",
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => "postgres",
        }
    }

    /// The settings it was opened with.
    pub fn config(&self) -> &SqlConfig {
        &self.0.config
    }

    pub(crate) async fn apply(&self, migrations: Migrations) -> Result<usize, OpenError> {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.migrate(migrations).await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => postgres.migrate(migrations).await,
        }
    }

    /// Counts and checks a statement.
    fn statement(
        &self,
        query: impl IntoQuery,
        sent_from: &'static Location<'static>,
    ) -> Result<Statement, SqlError> {
        Statement::new(query.into_query(), sent_from, &self.0.shapes)
    }

    /// Every row wanted, within the bound.
    fn all(&self) -> Want {
        Want::All {
            rows_max: self.0.config.rows_max,
        }
    }
}

impl Engine {
    #[cfg_attr(not(feature = "postgres"), expect(unused_variables))]
    async fn open(config: &SqlConfig, wakes: &Arc<Wakes>) -> Result<Self, OpenError> {
        match config.url.split_once(':') {
            Some(("sqlite", place)) => {
                let place = place.to_owned();
                let sqlite = Sqlite::open(config.clone(), &place).await?;
                Ok(Self::Sqlite(Box::new(sqlite)))
            }
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => {
                let postgres = Postgres::open(config.clone(), wakes).await?;
                Ok(Self::Postgres(Box::new(postgres)))
            }
            #[cfg(not(feature = "postgres"))]
            Some(("postgres" | "postgresql", _)) => Err(OpenError::NotBuiltIn {
                engine: "Postgres",
                feature: "postgres",
            }),
            _ => Err(OpenError::Address {
                reason: "it begins with neither".to_owned(),
            }),
        }
    }
}

/// Times `work` and logs it by its shape if it is slow.
async fn timed<T: FromRow, F>(
    db: &Db,
    statement: Statement,
    work: impl FnOnce(Statement) -> F,
) -> Result<Collected<T>, SqlError>
where
    F: Future<Output = Result<Collected<T>, SqlError>>,
{
    let (text, sent_from) = (statement.text.clone(), statement.sent_from);
    let began = Instant::now();
    let outcome = work(statement).await;
    crate::statement::log_if_slow(&text, sent_from, began, db.0.config.slow_statement);
    outcome
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Db").field(&self.0.config).finish()
    }
}

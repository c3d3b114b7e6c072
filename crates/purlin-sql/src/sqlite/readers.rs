//! Connections that only read, and who runs a read.
//!
//! A quick read runs on the executor thread that asks: handing it to another thread costs several
//! times what the read itself costs. SQLite's progress handler holds it to a budget; a read that
//! exceeds it is begun again on a thread for blocking work, and the statement goes there at once
//! from then on, until it has been quick for a while.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::{
    SqlConfig, SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
};

use super::{
    blocking,
    open::Watched,
    run::{self, Stopped},
};

mod pool;

use pool::{Asked, Loan, Pool};

/// The connections that only read.
pub(super) struct Readers {
    /// In boxes: a connection is large, and each loan would move it several times.
    pool: Arc<Pool<Box<Watched>>>,
    acquire_timeout: Duration,
    inline_budget: Duration,
    read_deadline: Duration,
    busy_timeout: Duration,
}

impl Readers {
    pub(super) fn new(connections: Vec<Watched>, config: &SqlConfig) -> Self {
        Self {
            pool: Pool::new(connections.into_iter().map(Box::new).collect()),
            acquire_timeout: config.acquire_timeout,
            inline_budget: config.inline_budget,
            read_deadline: config.read_deadline,
            busy_timeout: config.busy_timeout,
        }
    }

    pub(super) async fn run<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let reader = self.borrow().await?;
        if !self.inline_budget.is_zero() && !statement.shape.is_slow() {
            match self.run_here(&reader, &statement, want) {
                Err(Stopped::Interrupted | Stopped::Failed(SqlError::Busy(_))) => {
                    statement.shape.mark_slow();
                }
                Err(Stopped::Failed(error)) => return Err(error),
                Ok(collected) => return Ok(collected),
            }
        }
        // In a box, since most reads never come here.
        Box::pin(self.run_on_thread(reader, statement, want)).await
    }

    fn run_here<T: FromRow>(
        &self,
        reader: &Watched,
        statement: &Statement,
        want: Want,
    ) -> Result<Collected<T>, Stopped> {
        reader.watch.allow(self.inline_budget);
        run::read(&reader.connection, statement, want)
    }

    async fn run_on_thread<T: FromRow + Send + 'static>(
        &self,
        reader: Loan<Box<Watched>>,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let abandoned = Arc::new(AtomicBool::new(false));
        let _guard = AbandonOnDrop(abandoned.clone());
        let (deadline, busy) = (self.read_deadline, self.busy_timeout);
        let quick = self.inline_budget / 2;
        let work = move || {
            let began = Instant::now();
            let abandoned = Box::new(move || abandoned.load(Relaxed));
            reader.watch.allow_until(began + deadline, Some(abandoned));
            let outcome =
                reader.with_busy_timeout(busy, || run::read(&reader.connection, &statement, want));
            reader.watch.clear();
            if began.elapsed() < quick {
                statement.shape.mark_quick();
            }
            outcome.map_err(|stopped| match stopped {
                Stopped::Interrupted => SqlError::Deadline { deadline },
                Stopped::Failed(error) => error,
            })
        };
        blocking(work).await
    }

    async fn borrow(&self) -> Result<Loan<Box<Watched>>, SqlError> {
        let coming = match self.pool.ask() {
            Asked::Lent(reader) => return Ok(reader),
            Asked::Later(coming) => coming,
            Asked::Closed => return Err(SqlError::Closed),
        };
        match Box::pin(tokio::time::timeout(self.acquire_timeout, coming)).await {
            Ok(reader) => reader.map_err(|_| SqlError::Closed),
            Err(_) => Err(SqlError::Exhausted),
        }
    }

    /// Reads the schema, which every database has.
    pub(super) async fn check(&self) -> Result<(), SqlError> {
        let reader = self.borrow().await?;
        let read = move || {
            let sql = "SELECT count(*) FROM sqlite_schema";
            let count = reader
                .connection
                .query_row(sql, [], |row| row.get::<_, i64>(0));
            count.map(|_| ()).map_err(super::fault::translate)
        };
        blocking(read).await
    }

    /// Lends nothing more and closes the connections as they come back.
    pub(super) fn close(&self) {
        self.pool.close();
    }
}

struct AbandonOnDrop(Arc<AtomicBool>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

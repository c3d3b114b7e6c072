//! Connections that only read, and who runs a read.
//!
//! A quick read runs on the executor thread that asks: handing it to another thread costs several
//! times what the read itself costs. SQLite's progress handler holds it to a budget; a read that
//! exceeds it is begun again on a thread for blocking work, and the statement goes there at once
//! from then on, until it has been quick for a while.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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

/// The connections that only read.
pub(super) struct Readers {
    pool: Arc<Pool>,
    acquire_timeout: Duration,
    inline_budget: Duration,
    read_deadline: Duration,
    busy_timeout: Duration,
}

struct Pool {
    free: Mutex<Vec<Watched>>,
    permits: Arc<Semaphore>,
}

/// A connection on loan; it goes back when this is dropped.
struct Loan {
    reader: Option<Watched>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    pub(super) fn new(connections: Vec<Watched>, config: &SqlConfig) -> Self {
        let permits = Arc::new(Semaphore::new(connections.len()));
        Self {
            pool: Arc::new(Pool {
                free: Mutex::new(connections),
                permits,
            }),
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
        let loan = self.borrow().await?;
        if !self.inline_budget.is_zero() && !statement.shape.is_slow() {
            match self.run_here(&loan, &statement, want) {
                Err(Stopped::Interrupted | Stopped::Failed(SqlError::Busy(_))) => {
                    statement.shape.mark_slow();
                }
                Err(Stopped::Failed(error)) => return Err(error),
                Ok(collected) => return Ok(collected),
            }
        }
        self.run_on_thread(loan, statement, want).await
    }

    fn run_here<T: FromRow>(
        &self,
        loan: &Loan,
        statement: &Statement,
        want: Want,
    ) -> Result<Collected<T>, Stopped> {
        let reader = loan.reader();
        reader.watch.allow(self.inline_budget);
        run::read(&reader.connection, statement, want)
    }

    async fn run_on_thread<T: FromRow + Send + 'static>(
        &self,
        loan: Loan,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let abandoned = Arc::new(AtomicBool::new(false));
        let _guard = AbandonOnDrop(abandoned.clone());
        let (deadline, busy) = (self.read_deadline, self.busy_timeout);
        let quick = self.inline_budget / 2;
        let work = move || {
            let began = Instant::now();
            let reader = loan.reader();
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

    async fn borrow(&self) -> Result<Loan, SqlError> {
        let permits = &self.pool.permits;
        let permit = match permits.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let waiting = permits.clone().acquire_owned();
                match tokio::time::timeout(self.acquire_timeout, waiting).await {
                    Ok(Ok(permit)) => permit,
                    Ok(Err(_)) => return Err(SqlError::Closed),
                    Err(_) => return Err(SqlError::Exhausted),
                }
            }
        };
        let reader = self.pool.free.lock().expect(POISON).pop();
        let reader = Some(reader.ok_or(SqlError::Closed)?);
        let pool = self.pool.clone();
        Ok(Loan {
            reader,
            pool,
            _permit: permit,
        })
    }

    /// Reads the schema, which every database has.
    pub(super) async fn check(&self) -> Result<(), SqlError> {
        let loan = self.borrow().await?;
        let read = move || {
            let reader = loan.reader();
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
        self.pool.permits.close();
        self.pool.free.lock().expect(POISON).clear();
    }
}

const POISON: &str = "nothing panics while it holds the readers";

impl Loan {
    fn reader(&self) -> &Watched {
        self.reader
            .as_ref()
            .expect("it goes back only when dropped")
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            let mut free = self.pool.free.lock().expect(POISON);
            // Looked at under the lock: `close` empties the list after it has closed the permits.
            if !self.pool.permits.is_closed() {
                free.push(reader);
            }
        }
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

//! A transaction on a connection of the pool, held to its deadline.

use std::{sync::Arc, time::Duration};

use sqlx_core::{pool::PoolConnection, transaction::TransactionManager};
use sqlx_postgres::{PgTransactionManager, Postgres as Driver};
use tokio::{
    sync::Mutex,
    task::AbortHandle,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{
    SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
};

use super::{fault, run};

/// A transaction that is open. Dropped, it is rolled back.
#[derive(Debug)]
pub(crate) struct Session {
    held: Held,
    watchdog: AbortHandle,
    until: Instant,
    deadline: Duration,
}

/// The connection, until the transaction has ended.
type Held = Arc<Mutex<Option<Open>>>;

#[derive(Debug)]
struct Open {
    connection: PoolConnection<Driver>,
    /// How long the server lets one statement run.
    granted: Duration,
}

impl Open {
    /// Lets no later statement run much longer than `left`.
    ///
    /// The server counts anew for each statement: one that begins late would run on there long
    /// after we have given up. It is told again only when a quarter of the time has gone, so that
    /// a transaction of many statements pays for a few round trips, and a short one for none.
    async fn grant(&mut self, left: Duration) -> Result<(), SqlError> {
        if left < self.granted.mul_f32(0.75) {
            run::limit(&mut self.connection, left).await?;
            self.granted = left;
        }
        Ok(())
    }
}

impl Session {
    pub(super) async fn begin(
        connection: PoolConnection<Driver>,
        deadline: Duration,
    ) -> Result<Self, SqlError> {
        let mut unsure = Unsure(Some(connection));
        let begun = PgTransactionManager::begin(unsure.connection(), None).await;
        begun.map_err(fault::translate)?;
        let connection = unsure.sure();
        let until = Instant::now() + deadline;
        let held: Held = Arc::new(Mutex::new(Some(Open {
            connection,
            granted: deadline,
        })));
        let watched = held.clone();
        let watchdog = detach(async move {
            sleep_until(until).await;
            end(&mut *watched.lock().await).await;
        });
        Ok(Self {
            held,
            watchdog,
            until,
            deadline,
        })
    }

    pub(crate) async fn run<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let late = SqlError::Deadline {
            deadline: self.deadline,
        };
        let mut held = self.held.lock().await;
        let Some(open) = held.as_mut() else {
            return Err(late);
        };
        let left = self.until.saturating_duration_since(Instant::now());
        let running = async {
            open.grant(left).await?;
            run::statement(&mut open.connection, statement, want).await
        };
        match timeout_at(self.until, running).await {
            Ok(outcome) => outcome.map_err(|error| self.explain(error)),
            Err(_) => Err(late),
        }
    }

    /// Commits, in a task of its own: it runs to its end, whoever waits.
    pub(crate) async fn commit(self) -> Result<(), SqlError> {
        let (held, deadline) = (self.held.clone(), self.deadline);
        let Some(mut open) = held.lock().await.take() else {
            return Err(SqlError::Deadline { deadline });
        };
        let (sender, done) = tokio::sync::oneshot::channel();
        detach(async move {
            let outcome = PgTransactionManager::commit(&mut open.connection).await;
            if outcome.is_err() {
                // The driver still counts a transaction there, which the server has ended.
                drop(open.connection.detach());
            }
            // Nobody may be waiting any more.
            let _ = sender.send(outcome.map_err(commit_fault));
        });
        let outcome = done.await.unwrap_or(Err(SqlError::Closed));
        outcome.map_err(|error| self.explain(error))
    }

    pub(crate) async fn roll_back(self) {
        end(&mut *self.held.lock().await).await;
    }

    /// What the server says when its own time limit was the first to pass.
    fn explain(&self, error: SqlError) -> SqlError {
        let late = matches!(error, SqlError::Unavailable(_)) && Instant::now() >= self.until;
        if late {
            let deadline = self.deadline;
            return SqlError::Deadline { deadline };
        }
        fault::at_deadline(error, self.deadline)
    }
}

impl Drop for Session {
    /// The rollback is sent when the connection goes back to the pool, which the pool does at once.
    fn drop(&mut self) {
        self.watchdog.abort();
        if let Ok(mut held) = self.held.try_lock()
            && let Some(mut open) = held.take()
        {
            PgTransactionManager::start_rollback(&mut open.connection);
        }
    }
}

/// Rolls back and gives the connection back; one that cannot be rolled back is closed.
async fn end(held: &mut Option<Open>) {
    let Some(open) = held.take() else { return };
    let mut unsure = Unsure(Some(open.connection));
    match PgTransactionManager::rollback(unsure.connection()).await {
        Ok(()) => drop(unsure.sure()),
        Err(error) => {
            tracing::warn!(target: "purlin::sql", %error, "a transaction was not rolled back by us; the server does it");
        }
    }
}

/// A connection on which a transaction is being begun or ended. Dropped in the middle of it, it is
/// closed: the driver would not know whether a transaction is open. It would give the connection to
/// somebody else, whose writes were a part of a transaction that nobody commits.
struct Unsure(Option<PoolConnection<Driver>>);

impl Unsure {
    fn connection(&mut self) -> &mut PoolConnection<Driver> {
        self.0.as_mut().expect("it is taken only at the end")
    }

    fn sure(mut self) -> PoolConnection<Driver> {
        self.0.take().expect("it is taken only at the end")
    }
}

impl Drop for Unsure {
    fn drop(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}

/// The connection broke: whether the commit was done is not known.
fn commit_fault(error: sqlx_core::Error) -> SqlError {
    match fault::translate(error) {
        SqlError::Unavailable(cause) => SqlError::Unknown(cause),
        other => other,
    }
}

#[allow(clippy::disallowed_methods, reason = "there is no context to carry")]
fn detach(work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    tokio::spawn(work).abort_handle()
}

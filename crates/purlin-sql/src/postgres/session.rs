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
        mut connection: PoolConnection<Driver>,
        deadline: Duration,
    ) -> Result<Self, SqlError> {
        let begun = PgTransactionManager::begin(&mut connection, None).await;
        begun.map_err(fault::translate)?;
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

/// Rolls back and gives the connection back; one that cannot be rolled back is closed by the pool.
async fn end(held: &mut Option<Open>) {
    if let Some(mut open) = held.take()
        && let Err(error) = PgTransactionManager::rollback(&mut open.connection).await
    {
        tracing::warn!(target: "purlin::sql", %error, "a transaction was not rolled back by us; the server does it");
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

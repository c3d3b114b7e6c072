//! Several statements, all or none, that wait for nothing but the database.

use std::{
    any::Any,
    fmt,
    future::IntoFuture,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use purlin_base::BoxFuture;
use tokio::sync::oneshot;

use crate::{
    SqlError,
    sqlite::{InlineSession, InlineStopped, InlineWork},
};

use super::{Db, Engine, Tx, open_transaction, transaction::Session};

/// The statements of a batch; called again when they are to be run again.
type Work<T, E> = Box<dyn for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send>;

impl Db {
    /// Several statements, all or none, as [`transaction`](Self::transaction), for the hot path:
    /// `work` must wait for nothing but the statements of its `tx`.
    ///
    /// On SQLite it runs on the writer's own thread and shares a commit with the small writes of
    /// others, as [`write`](Self::write) does: many times quicker than a transaction, whose every
    /// statement crosses from one thread to the other. On Postgres it is a transaction.
    ///
    /// `work` may be called more than once, each time from the state before; what it does beside
    /// the database must allow for that. Its statements are counted in no
    /// [`Context`](purlin_base::Context) on SQLite.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Self::transaction); [`SqlError::Waited`] on SQLite if `work` waited for
    /// something else.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the database has begun with it: nothing is done. Later: on SQLite it is done
    /// to its end, on Postgres it is rolled back unless the commit was sent.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), purlin_sql::OpenError> {
    /// use purlin_sql::{Db, SqlError};
    ///
    /// # let db = Db::connect("sqlite::memory:").await?;
    /// db.write("create table books (id integer primary key, title text)").execute().await?;
    /// let ids = db
    ///     .batch(|tx| {
    ///         Box::pin(async move {
    ///             let mut ids = Vec::new();
    ///             for title in ["Emma", "Ulysses"] {
    ///                 let insert = tx.query("insert into books (title) values ($1) returning id");
    ///                 ids.push(insert.bind(title).fetch_one::<(i64,)>().await?.0);
    ///             }
    ///             Ok::<_, SqlError>(ids)
    ///         })
    ///     })
    ///     .await?;
    /// assert_eq!(ids, [1, 2]);
    /// # Ok(()) }
    /// ```
    pub fn batch<T, E, W>(&self, work: W) -> Batch<'_, T, E>
    where
        W: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        Batch {
            db: self,
            work: Box::new(work),
            urgent: false,
        }
    }
}

/// Several statements, all or none. It is sent by awaiting it.
#[must_use = "a batch does nothing until it is awaited"]
pub struct Batch<'db, T, E> {
    db: &'db Db,
    work: Work<T, E>,
    urgent: bool,
}

impl<T, E> Batch<'_, T, E> {
    /// Goes before everything that waits: for the renewal of leases, which must not be late.
    pub fn urgent(mut self) -> Self {
        self.urgent = true;
        self
    }
}

impl<'db, T, E> IntoFuture for Batch<'db, T, E>
where
    T: Send + 'static,
    E: From<SqlError> + Send + 'static,
{
    type Output = Result<T, E>;
    type IntoFuture = BoxFuture<'db, Result<T, E>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T, E> Batch<'_, T, E>
where
    T: Send + 'static,
    E: From<SqlError> + Send + 'static,
{
    async fn send(self) -> Result<T, E> {
        let Self { db, work, urgent } = self;
        open_transaction::refuse_if_open(db)?;
        match &db.0.engine {
            Engine::Sqlite(sqlite) => {
                let (reply, answer) = oneshot::channel();
                let work = OnWriter {
                    db: db.clone(),
                    work,
                    outcome: None,
                    notified: Vec::new(),
                    reply,
                };
                sqlite.inline(Box::new(work), urgent).await?;
                match answer.await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(panic)) => resume_unwind(panic),
                    Err(_) => Err(SqlError::Closed.into()),
                }
            }
            #[cfg(feature = "postgres")]
            Engine::Postgres(_) => in_transaction(db, work).await,
        }
    }
}

#[cfg(feature = "postgres")]
async fn in_transaction<T, E: From<SqlError>>(db: &Db, mut work: Work<T, E>) -> Result<T, E> {
    let mut tx = db.begin().await?;
    let outcome = open_transaction::scope(db.clone(), work(&mut tx)).await;
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

/// What its caller is answered with: the outcome, or the panic of the work.
type Answer<T, E> = Result<Result<T, E>, Box<dyn Any + Send>>;

/// A batch on the writer's thread.
struct OnWriter<T, E> {
    db: Db,
    work: Work<T, E>,
    /// What the last run brought.
    outcome: Option<Answer<T, E>>,
    /// The channels to wake after the commit.
    notified: Vec<&'static str>,
    reply: oneshot::Sender<Answer<T, E>>,
}

impl<T: Send, E: From<SqlError> + Send> InlineWork for OnWriter<T, E> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self) -> Result<(), InlineStopped> {
        self.outcome = None;
        let mut tx = Tx::new(self.db.clone(), Session::Inline(InlineSession::default()));
        let work = &mut self.work;
        let polled = catch_unwind(AssertUnwindSafe(|| poll_once(work(&mut tx))));
        let refused = |error| Err(InlineStopped::refused(error));
        match polled {
            Ok(Poll::Ready(Ok(_))) if tx.has_failed() => refused(SqlError::Aborted),
            Ok(Poll::Ready(Ok(done))) => {
                self.outcome = Some(Ok(Ok(done)));
                self.notified = std::mem::take(&mut tx.notified);
                Ok(())
            }
            Ok(Poll::Ready(Err(error))) => {
                self.outcome = Some(Ok(Err(error)));
                Err(tx
                    .stopped()
                    .unwrap_or(InlineStopped::refused(SqlError::Aborted)))
            }
            Ok(Poll::Pending) => refused(SqlError::Waited),
            Err(panic) => {
                self.outcome = Some(Err(panic));
                refused(SqlError::Aborted)
            }
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), SqlError>) {
        if outcome.is_ok() {
            self.notified
                .iter()
                .for_each(|channel| self.db.notify(channel));
        }
        let answer = match (outcome, self.outcome) {
            (Ok(()), Some(answer)) => answer,
            // Its own error says more than what became of the group.
            (Err(SqlError::Aborted), Some(answer)) if !matches!(answer, Ok(Ok(_))) => answer,
            (Err(error), Some(Ok(Err(own)))) => Ok(Err(prefer(own, error))),
            (Err(error), _) => Ok(Err(error.into())),
            (Ok(()), None) => Ok(Err(SqlError::Aborted.into())),
        };
        // Nobody may be waiting any more.
        let _ = self.reply.send(answer);
    }
}

/// The error that is answered when a statement of the work has failed with `error`, which the
/// work gave back as `own`: `error` is the deadline if that was it.
fn prefer<E: From<SqlError>>(own: E, error: SqlError) -> E {
    match error {
        SqlError::Deadline { .. } => error.into(),
        _ => own,
    }
}

/// The statements of a batch on the writer's thread are done when they are first asked.
fn poll_once<T>(mut work: Pin<Box<dyn Future<Output = T> + Send + '_>>) -> Poll<T> {
    work.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

impl<T, E> fmt::Debug for Batch<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("db", self.db)
            .field("urgent", &self.urgent)
            .finish_non_exhaustive()
    }
}

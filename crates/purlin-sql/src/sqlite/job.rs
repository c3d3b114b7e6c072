//! One statement on its way to the writer and its answer on the way back.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
};

use super::run::{self, Stopped};

/// What the writer does for somebody, and can do again.
pub(super) trait Job: Send {
    /// Nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
    /// Does it. Nothing is answered yet.
    fn run(&mut self, connection: &Connection) -> Result<(), Stopped>;
    /// Answers: with what the last run brought, or with the error.
    fn answer(self: Box<Self>, outcome: Result<(), SqlError>);
}

/// Carries an answer, or the panic of the code that read a row.
pub(super) type Answer<T> = Result<Result<Collected<T>, SqlError>, Box<dyn Any + Send>>;

/// A statement as a job.
pub(super) struct StatementJob<T> {
    statement: Statement,
    collected: Collected<T>,
    panic: Option<Box<dyn Any + Send>>,
    reply: oneshot::Sender<Answer<T>>,
}

impl<T: FromRow> StatementJob<T> {
    pub(super) fn new(statement: Statement, want: Want) -> (Self, oneshot::Receiver<Answer<T>>) {
        let (reply, answer) = oneshot::channel();
        let job = Self {
            statement,
            collected: Collected::new(want),
            panic: None,
            reply,
        };
        (job, answer)
    }
}

impl<T: FromRow + Send> Job for StatementJob<T> {
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Result<(), Stopped> {
        // `T::from_row` is the user's code: its panic is the caller's, not the writer's.
        let run = || run::write(connection, &self.statement, &mut self.collected);
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            self.panic = Some(panic);
            Err(Stopped::Failed(SqlError::Aborted))
        })
    }

    fn answer(self: Box<Self>, outcome: Result<(), SqlError>) {
        let Self {
            collected,
            panic,
            reply,
            ..
        } = *self;
        let answer = match panic {
            Some(panic) => Err(panic),
            None => Ok(outcome.map(|()| collected)),
        };
        // Nobody may be waiting any more.
        let _ = reply.send(answer);
    }
}

/// Waits for the answer. The writer that goes away without answering has been closed.
pub(super) async fn wait<T>(
    answer: oneshot::Receiver<Answer<T>>,
) -> Result<Collected<T>, SqlError> {
    match answer.await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(SqlError::Closed),
    }
}

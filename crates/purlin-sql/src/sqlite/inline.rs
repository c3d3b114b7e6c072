//! Work that runs on the writer's own thread, as a member of a group: its statements cost no hop
//! between threads.

use std::{cell::RefCell, rc::Rc};

use rusqlite::Connection;

use crate::{
    SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
};

use super::{
    job::Job,
    run::{self, Stopped},
};

thread_local! {
    /// The writer's connection, on the writer's thread.
    static WRITER: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

/// Keeps the connection for the work that runs on this thread.
pub(super) fn lend(connection: &Rc<Connection>) {
    WRITER.set(Some(Rc::clone(connection)));
}

/// Takes it back.
pub(super) fn take_back() {
    WRITER.set(None);
}

/// Several statements, all or none, run on the writer's thread and maybe more than once.
pub(crate) trait InlineWork: Send {
    /// Nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
    /// Does it. Nothing is answered yet.
    fn run(&mut self) -> Result<(), InlineStopped>;
    /// Answers: with what the last run brought, or with the error.
    fn answer(self: Box<Self>, outcome: Result<(), SqlError>);
}

/// Why the work did not run to its end.
#[derive(Debug)]
pub(crate) struct InlineStopped(Stopped);

impl InlineStopped {
    /// It must not stand, for a reason of its own.
    pub(crate) fn refused(error: SqlError) -> Self {
        Self(Stopped::Failed(error))
    }
}

/// The work as a member of a group.
pub(super) struct InlineJob(pub(super) Box<dyn InlineWork>);

impl Job for InlineJob {
    fn is_abandoned(&self) -> bool {
        self.0.is_abandoned()
    }

    fn run(&mut self, _: &Connection) -> Result<(), Stopped> {
        self.0.run().map_err(|stopped| stopped.0)
    }

    fn answer(self: Box<Self>, outcome: Result<(), SqlError>) {
        self.0.answer(outcome);
    }
}

/// The statements' end of it.
#[derive(Debug, Default)]
pub(crate) struct InlineSession {
    stopped: Option<Stopped>,
}

impl InlineSession {
    pub(crate) fn run<T: FromRow>(
        &mut self,
        statement: &Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let lent = WRITER.with_borrow(Clone::clone);
        let connection = lent.ok_or(SqlError::Closed)?;
        if connection.is_autocommit() {
            return Err(SqlError::Aborted);
        }
        let mut collected = Collected::new(want);
        match run::write(&connection, statement, &mut collected) {
            Ok(()) => Ok(collected),
            Err(Stopped::Failed(error)) => {
                self.stopped = Some(Stopped::Failed(error.clone()));
                Err(error)
            }
            Err(Stopped::Interrupted) => {
                self.stopped = Some(Stopped::Interrupted);
                Err(SqlError::Aborted)
            }
        }
    }

    /// Why its work failed, if that was for one of its statements.
    pub(crate) fn stopped(&mut self) -> Option<InlineStopped> {
        self.stopped.take().map(InlineStopped)
    }
}

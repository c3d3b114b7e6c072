//! Small writes that share one commit.
//!
//! Each runs in a savepoint, so that one that fails does not sink its neighbours, and nobody is
//! answered before the commit. What goes wrong:
//!
//! | what | who fails |
//! | --- | --- |
//! | a statement breaks a constraint, or cannot be prepared | itself |
//! | a statement takes SQLite's whole transaction down with it (`or rollback`, its deadline) | itself; the others are done again, one by one |
//! | the commit breaks a deferred constraint | all are done again, one by one, and the culprit fails |
//! | the disk is full or fails, the file is busy | all, as one |

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::SqlError;

use super::{fault, job::Job, run::Stopped, watch::Watch};

/// How a group ended.
enum Ended {
    /// Everything stands, but for the jobs with an error.
    Committed,
    /// Nothing stands; the jobs without an error can be done again, alone.
    Undone,
    /// Nothing stands, for a reason that is nobody's fault.
    Lost(SqlError),
}

/// A job of a group, and the error of its own.
struct Member {
    job: Box<dyn Job>,
    error: Option<SqlError>,
}

/// Runs the jobs of `group` in one transaction and answers them.
pub(super) fn run(
    connection: &Connection,
    watch: &Watch,
    deadline: Duration,
    group: Vec<Box<dyn Job>>,
) {
    let waited_for = group.into_iter().filter(|job| !job.is_abandoned());
    let mut members: Vec<Member> = waited_for.map(|job| Member { job, error: None }).collect();
    if members.is_empty() {
        return;
    }
    let ended = attempt(connection, watch, deadline, &mut members);
    watch.clear();
    if !connection.is_autocommit() {
        roll_back(connection);
    }
    for Member { job, error } in members {
        match (&ended, error) {
            (_, Some(error)) => job.answer(Err(error)),
            (Ended::Committed, None) => job.answer(Ok(())),
            (Ended::Undone, None) => run(connection, watch, deadline, vec![job]),
            (Ended::Lost(error), None) => job.answer(Err(error.clone())),
        }
    }
}

fn attempt(
    connection: &Connection,
    watch: &Watch,
    deadline: Duration,
    members: &mut [Member],
) -> Ended {
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        return Ended::Lost(fault::translate(error));
    }
    let alone = members.len() == 1;
    for member in &mut *members {
        watch.allow_until(Instant::now() + deadline, None);
        let outcome = in_savepoint(connection, member.job.as_mut());
        let Err(stopped) = outcome else { continue };
        let error = match stopped {
            Stopped::Interrupted => SqlError::Deadline { deadline },
            Stopped::Failed(error) => error,
        };
        if is_nobodys_fault(&error) {
            return Ended::Lost(error);
        }
        member.error = Some(error);
        if connection.is_autocommit() {
            return Ended::Undone;
        }
    }
    watch.clear();
    match execute(connection, "COMMIT") {
        Ok(()) => Ended::Committed,
        Err(error) => commit_failed(fault::translate(error), alone),
    }
}

fn commit_failed(error: SqlError, alone: bool) -> Ended {
    let deferred = matches!(error, SqlError::ForeignKey { .. });
    if deferred && !alone {
        Ended::Undone
    } else {
        Ended::Lost(error)
    }
}

fn in_savepoint(connection: &Connection, job: &mut dyn Job) -> Result<(), Stopped> {
    execute(connection, "SAVEPOINT member")?;
    let outcome = job.run(connection);
    if connection.is_autocommit() {
        // Never a success: what ran before it is gone, or was committed before its time.
        return outcome.and(Err(Stopped::Failed(SqlError::TransactionControl)));
    }
    if outcome.is_err() {
        execute(connection, "ROLLBACK TO member")?;
    }
    execute(connection, "RELEASE member")?;
    outcome
}

/// The disk or another process, not the statement.
fn is_nobodys_fault(error: &SqlError) -> bool {
    matches!(
        error,
        SqlError::StorageFull(_) | SqlError::Unavailable(_) | SqlError::Busy(_)
    )
}

/// Runs one of the statements that steer transactions.
pub(super) fn execute(connection: &Connection, control: &'static str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(control)?
        .raw_execute()
        .map(|_changed| ())
}

/// Undoes the open transaction.
pub(super) fn roll_back(connection: &Connection) {
    if let Err(error) = execute(connection, "ROLLBACK") {
        tracing::error!(target: "purlin::sql", %error, "a transaction could not be rolled back");
    }
}

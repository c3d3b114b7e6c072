//! A transaction whose statements come one by one, from a closure that runs on its caller's task.
//!
//! The closure's end of it is [`Session`], the writer's end is [`Request`]. The writer waits for
//! the closure no longer than the deadline; a session that is dropped is rolled back at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
};

use super::{
    fault,
    group::{execute, roll_back},
    job::{self, Job, StatementJob},
    run::Stopped,
    watch::Watch,
};

/// Statements that may be on their way at once: one, and those whose futures were dropped.
const MESSAGES_MAX: usize = 16;

enum Message {
    Run(Box<dyn Job>),
    Commit(oneshot::Sender<Result<(), SqlError>>),
    RollBack(oneshot::Sender<()>),
}

/// What both ends know.
#[derive(Debug, Default)]
struct Shared {
    expired: AtomicBool,
    dropped: Arc<AtomicBool>,
}

/// The closure's end.
#[derive(Debug)]
pub(crate) struct Session {
    messages: mpsc::SyncSender<Message>,
    begun: Option<oneshot::Receiver<Result<(), SqlError>>>,
    shared: Arc<Shared>,
    deadline: Duration,
    commit_sent: bool,
}

/// The writer's end.
pub(super) struct Request {
    messages: mpsc::Receiver<Message>,
    begun: oneshot::Sender<Result<(), SqlError>>,
    shared: Arc<Shared>,
    deadline: Duration,
}

impl Session {
    pub(super) fn new(deadline: Duration) -> (Self, Request) {
        let (sender, messages) = mpsc::sync_channel(MESSAGES_MAX);
        let (begin, begun) = oneshot::channel();
        let shared = Arc::new(Shared::default());
        let request = Request {
            messages,
            begun: begin,
            shared: shared.clone(),
            deadline,
        };
        let session = Self {
            messages: sender,
            begun: Some(begun),
            shared,
            deadline,
            commit_sent: false,
        };
        (session, request)
    }

    /// Waits until the writer has begun the transaction.
    pub(super) async fn begun(mut self) -> Result<Self, SqlError> {
        let begun = self.begun.take().expect("a session is begun once");
        begun.await.unwrap_or(Err(SqlError::Closed))?;
        Ok(self)
    }

    pub(crate) async fn run<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        let (job, answer) = StatementJob::new(statement, want);
        self.send(Message::Run(Box::new(job)))?;
        job::wait(answer).await.map_err(|error| self.explain(error))
    }

    /// Commits. Once this has been polled the commit runs to its end, whoever waits.
    pub(crate) async fn commit(mut self) -> Result<(), SqlError> {
        let (sender, done) = oneshot::channel();
        self.send(Message::Commit(sender))?;
        self.commit_sent = true;
        done.await
            .unwrap_or_else(|_| Err(self.explain(SqlError::Closed)))
    }

    pub(crate) async fn roll_back(self) {
        let (sender, done) = oneshot::channel();
        if self.send(Message::RollBack(sender)).is_ok() {
            // A writer that is gone has rolled back as well.
            let _ = done.await;
        }
    }

    fn send(&self, message: Message) -> Result<(), SqlError> {
        self.messages
            .try_send(message)
            .map_err(|_| self.explain(SqlError::Closed))
    }

    fn explain(&self, error: SqlError) -> SqlError {
        if matches!(error, SqlError::Closed) && self.shared.expired.load(Relaxed) {
            let deadline = self.deadline;
            return SqlError::Deadline { deadline };
        }
        error
    }
}

impl Drop for Session {
    /// The writer sees it by the channel; the statement that it is running, by the flag.
    fn drop(&mut self) {
        self.shared.dropped.store(!self.commit_sent, Relaxed);
    }
}

impl Request {
    /// Lends the writer's `connection` to the session, until it ends or its time is up.
    pub(super) fn serve(self, connection: &Connection, watch: &Watch) {
        if self.begun.is_closed() {
            return;
        }
        let began = execute(connection, "BEGIN IMMEDIATE").map_err(fault::translate);
        let may_go_on = began.is_ok();
        let taken = self.begun.send(began).is_ok();
        if may_go_on && taken {
            let until = Instant::now() + self.deadline;
            let dropped = self.shared.dropped.clone();
            watch.allow_until(until, Some(Box::new(move || dropped.load(Relaxed))));
            let commit = serve_until(connection, &self.messages, until, self.deadline);
            watch.clear();
            match commit {
                Ending::Commit(reply) => {
                    // Nobody may be waiting any more: a commit that was sent is done all the same.
                    let _ = reply.send(commit_now(connection));
                }
                Ending::RollBack(reply) => {
                    roll_back_if_open(connection);
                    let _ = reply.send(());
                }
                Ending::Dropped => {}
                Ending::Expired => self.shared.expired.store(true, Relaxed),
            }
        }
        roll_back_if_open(connection);
    }
}

enum Ending {
    Commit(oneshot::Sender<Result<(), SqlError>>),
    RollBack(oneshot::Sender<()>),
    Dropped,
    Expired,
}

fn serve_until(
    connection: &Connection,
    messages: &mpsc::Receiver<Message>,
    until: Instant,
    deadline: Duration,
) -> Ending {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match messages.recv_timeout(left) {
            Ok(Message::Run(job)) => run_one(connection, job, deadline),
            // A message that was there in time counts, even if the deadline passed meanwhile.
            Ok(Message::Commit(reply)) => return Ending::Commit(reply),
            Ok(Message::RollBack(reply)) => return Ending::RollBack(reply),
            Err(RecvTimeoutError::Disconnected) => return Ending::Dropped,
            Err(RecvTimeoutError::Timeout) => return Ending::Expired,
        }
    }
}

fn run_one(connection: &Connection, mut job: Box<dyn Job>, deadline: Duration) {
    if connection.is_autocommit() {
        return job.answer(Err(SqlError::Aborted));
    }
    let outcome = job.run(connection).map_err(|stopped| match stopped {
        Stopped::Interrupted => SqlError::Deadline { deadline },
        Stopped::Failed(error) => error,
    });
    job.answer(outcome);
}

fn commit_now(connection: &Connection) -> Result<(), SqlError> {
    if connection.is_autocommit() {
        return Err(SqlError::Aborted);
    }
    execute(connection, "COMMIT").map_err(fault::translate)
}

fn roll_back_if_open(connection: &Connection) {
    if !connection.is_autocommit() {
        roll_back(connection);
    }
}

//! The embedded engine: one writer thread that groups small writes, and a few readers.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::{
    Migrations, OpenError, RowStream, SqlConfig, SqlError,
    row::FromRow,
    statement::{Collected, Statement, Want},
};

mod columns;
mod fault;
mod file;
mod group;
mod inline;
mod job;
mod migrate;
mod open;
mod queue;
mod readers;
mod run;
mod session;
mod streams;
mod watch;
mod writer;

pub(crate) use inline::{InlineSession, InlineStopped, InlineWork};
pub(crate) use session::Session;

use file::DatabaseFile;
use inline::InlineJob;
use job::StatementJob;
use queue::{Entry, Lane, Queue};
use readers::Readers;
use streams::Streams;

/// A SQLite database that is open.
#[derive(Debug)]
pub(crate) struct Sqlite {
    queue: Arc<Queue>,
    readers: Readers,
    streams: Streams,
    file: Arc<DatabaseFile>,
    config: SqlConfig,
}

impl Sqlite {
    /// Opens or makes the database of `config`, whose address is `sqlite:` and `place`.
    pub(crate) async fn open(config: SqlConfig, place: &str) -> Result<Self, OpenError> {
        open::check_version()?;
        let file = Arc::new(DatabaseFile::locate(place)?);
        let opening = (file.clone(), config.clone());
        let work = move || {
            let (file, config) = opening;
            let writer = open::writer(&file, &config)?;
            let readers = (0..config.readers)
                .map(|_| open::reader(&file, &config))
                .collect::<Result<Vec<_>, OpenError>>()?;
            Ok::<_, OpenError>((writer, readers))
        };
        let (writer, connections) = blocking(work).await?;
        let queue = Arc::new(Queue::new(&config));
        writer::start(writer, queue.clone(), file.clone(), &config)?;
        Ok(Self {
            queue,
            readers: Readers::new(connections, &config),
            streams: Streams::new(&config),
            file,
            config,
        })
    }

    pub(crate) async fn read<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        want: Want,
    ) -> Result<Collected<T>, SqlError> {
        self.readers.run(statement, want).await
    }

    pub(crate) async fn stream<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
    ) -> Result<RowStream<T>, SqlError> {
        self.streams
            .begin(statement, &self.file, &self.config)
            .await
    }

    pub(crate) async fn write<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        want: Want,
        urgent: bool,
    ) -> Result<Collected<T>, SqlError> {
        let lane = if urgent { Lane::Urgent } else { Lane::Normal };
        let slot = self.queue.slot(lane, self.config.acquire_timeout).await?;
        let (job, answer) = StatementJob::new(statement, want);
        self.queue.push(lane, Entry::Write(Box::new(job)), slot)?;
        job::wait(answer).await
    }

    /// Hands `work` to the writer, which answers it.
    pub(crate) async fn inline(
        &self,
        work: Box<dyn InlineWork>,
        urgent: bool,
    ) -> Result<(), SqlError> {
        let lane = if urgent { Lane::Urgent } else { Lane::Normal };
        let slot = self.queue.slot(lane, self.config.acquire_timeout).await?;
        let job = Box::new(InlineJob(work));
        self.queue.push(lane, Entry::Write(job), slot)
    }

    /// Waits until the writer is free and begins a transaction on it.
    pub(crate) async fn begin(&self) -> Result<Session, SqlError> {
        let timeout = self.config.acquire_timeout;
        let slot = self.queue.slot(Lane::Normal, timeout).await?;
        let (session, request) = Session::new(self.config.transaction_deadline);
        self.queue
            .push(Lane::Normal, Entry::Session(request), slot)?;
        session.begun().await
    }

    /// Applies the migrations that are missing.
    pub(crate) async fn migrate(&self, migrations: Migrations) -> Result<usize, OpenError> {
        self.exclusive(move |connection| migrate::apply(connection, migrations))
            .await?
    }

    /// Runs `work` on the writer's connection, between transactions.
    async fn exclusive<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut rusqlite::Connection) -> T + Send + 'static,
    ) -> Result<T, SqlError> {
        let timeout = self.config.acquire_timeout;
        let slot = self.queue.slot(Lane::Normal, timeout).await?;
        let (sender, done) = oneshot::channel();
        let work = move |connection: &mut rusqlite::Connection| {
            // Nobody may be waiting any more; the work is done all the same.
            let _ = sender.send(work(connection));
        };
        self.queue
            .push(Lane::Normal, Entry::Exclusive(Box::new(work)), slot)?;
        done.await.map_err(|_| SqlError::Closed)
    }

    /// Whether the file is still there and can be read, and the writer still runs.
    pub(crate) async fn check(&self) -> Result<(), SqlError> {
        self.queue.check()?;
        let file = self.file.clone();
        blocking(move || file.check()).await?;
        self.readers.check().await
    }

    /// Finishes what was accepted, writes everything into the file and closes it.
    pub(crate) async fn close(&self) {
        self.readers.close();
        self.streams.close().await;
        self.queue.close();
        self.queue.ended().await;
    }
}

impl Drop for Sqlite {
    /// What was accepted is finished; nobody waits for it.
    fn drop(&mut self) {
        self.readers.close();
        self.streams.stop();
        self.queue.close();
    }
}

/// Runs `work` on a thread for blocking work; its panic is passed on.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => unreachable!("work on a blocking thread is never cancelled once awaited"),
        },
    }
}

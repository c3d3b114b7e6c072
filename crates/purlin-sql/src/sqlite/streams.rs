//! Streams of rows: each runs on a thread for blocking work, on a connection that is opened for it.
//!
//! To open a connection costs a fraction of a millisecond, which a long read does not feel; in
//! return nothing is kept open, and a stream never holds up a quick read.

use std::{fmt, sync::Arc, time::Instant};

use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
};

use crate::{
    FromRow, OpenError, RowStream, SqlConfig, SqlError,
    statement::Statement,
    stream::{Feed, feed},
};

use super::{
    file::DatabaseFile,
    open,
    run::{self, Stopped},
};

/// What streams share.
pub(super) struct Streams {
    permits: Arc<Semaphore>,
    closing: watch::Sender<bool>,
}

impl Streams {
    pub(super) fn new(config: &SqlConfig) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(config.streams as usize)),
            closing: watch::Sender::new(false),
        }
    }

    pub(super) async fn begin<T: FromRow + Send + 'static>(
        &self,
        statement: Statement,
        file: &Arc<DatabaseFile>,
        config: &SqlConfig,
    ) -> Result<RowStream<T>, SqlError> {
        let waiting = self.permits.clone().acquire_owned();
        let permit = match tokio::time::timeout(config.acquire_timeout, waiting).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(SqlError::Closed),
            Err(_) => return Err(SqlError::Exhausted),
        };
        let closing = self.closing.subscribe();
        let (feed, batches) = feed(closing, config.stream_stall, config.stream_deadline);
        let (file, config, runtime) = (file.clone(), config.clone(), Handle::current());
        let work = move || {
            // Given back last, when the connection is closed.
            let _permit = permit;
            produce(&file, &config, &statement, Arc::new(feed), &runtime)
        };
        RowStream::new(batches, tokio::task::spawn_blocking(work))
            .begun()
            .await
    }

    /// Begins no more, ends those that are running, and waits until they have ended.
    pub(super) async fn close(&self) {
        self.stop();
        self.closing.closed().await;
    }

    /// As [`close`](Self::close), and waits for nothing.
    pub(super) fn stop(&self) {
        self.permits.close();
        self.closing.send_replace(true);
    }
}

fn produce<T: FromRow + Send + 'static>(
    file: &DatabaseFile,
    config: &SqlConfig,
    statement: &Statement,
    feed: Arc<Feed<T>>,
    runtime: &Handle,
) -> Result<(), SqlError> {
    // Opening would follow the name to whatever file stands there now.
    file.check()?;
    let reader = open::reader(file, config).map_err(unopened)?;
    let left = feed
        .until()
        .saturating_duration_since(tokio::time::Instant::now());
    let over = {
        let feed = feed.clone();
        Box::new(move || feed.is_over())
    };
    reader.watch.allow_until(Instant::now() + left, Some(over));
    let send = |rows| runtime.block_on(feed.send(rows));
    let outcome = reader.with_busy_timeout(config.busy_timeout, || {
        run::stream(&reader.connection, statement, send)
    });
    feed.ended(outcome.map_err(|stopped| match stopped {
        Stopped::Interrupted => feed.why(),
        Stopped::Failed(error) => error,
    }))
}

fn unopened(error: OpenError) -> SqlError {
    SqlError::Unavailable(Arc::new(error))
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

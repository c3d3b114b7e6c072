//! The one thread that writes.

use std::{rc::Rc, sync::Arc, thread, time::Duration};

use rusqlite::Connection;

use crate::{OpenError, SqlConfig};

use super::{
    file::DatabaseFile,
    group, inline,
    open::Watched,
    queue::{Queue, Work},
    watch::Watch,
};

/// Starts the writer. It ends once `queue` is closed and what was accepted is done.
pub(super) fn start(
    writer: Watched,
    queue: Arc<Queue>,
    file: Arc<DatabaseFile>,
    config: &SqlConfig,
) -> Result<(), OpenError> {
    let group_max = config.group_max as usize;
    let deadline = config.transaction_deadline;
    let path = file.shown();
    let work = move || {
        // Also when the loop panics: nobody must wait for a writer that is gone.
        let _end = End(queue.clone());
        let Watched { connection, watch } = writer;
        let connection = write(connection, &watch, &queue, group_max, deadline);
        finish(connection);
        drop(file);
    };
    thread::Builder::new()
        .name("purlin-sql-writer".to_owned())
        .spawn(work)
        .map(|_thread| ())
        .map_err(|error| OpenError::Unreadable {
            path,
            reason: error.to_string(),
        })
}

struct End(Arc<Queue>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Does what `queue` holds, until it is closed.
fn write(
    connection: Connection,
    watch: &Watch,
    queue: &Queue,
    group_max: usize,
    deadline: Duration,
) -> Connection {
    let mut connection = Rc::new(connection);
    inline::lend(&connection);
    while let Some(work) = queue.next(group_max) {
        match work {
            Work::Group(jobs) => group::run(&connection, watch, deadline, jobs),
            Work::Session(request) => request.serve(&connection, watch),
            Work::Exclusive(work) => {
                inline::take_back();
                work(Rc::get_mut(&mut connection).expect(ALONE));
                inline::lend(&connection);
            }
        }
    }
    inline::take_back();
    Rc::into_inner(connection).expect(ALONE)
}

const ALONE: &str = "work gives the connection back before it ends";

/// Moves the log into the file, so that the file alone is the whole database.
fn finish(connection: Connection) {
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(target: "purlin::sql", %error, "the last checkpoint failed; the next start does it");
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(target: "purlin::sql", %error, "the database did not close");
    }
}

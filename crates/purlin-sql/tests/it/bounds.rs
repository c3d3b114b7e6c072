//! Bounds that a setting gives: what is answered when one is reached, and what is logged.

use std::{cell::RefCell, io, sync::Once, time::Duration};

use futures_util::future::{Either, select};
use purlin_base::{Classified, ErrorClass};
use purlin_sql::{Db, SqlConfig, SqlError};

use crate::suite::make_items;

const INSERT: &str = "insert into items values ($1, 'x')";

/// One writer, one place behind it, and little patience.
pub(crate) fn narrow(url: &str) -> SqlConfig {
    SqlConfig {
        writers: 1,
        writer_queue: 1,
        acquire_timeout: Duration::from_secs(2),
        transaction_deadline: Duration::from_secs(30),
        ..SqlConfig::new(url)
    }
}

/// Two writes beside a transaction that holds the only writer: one at least finds no place.
pub(crate) async fn who_finds_no_place_is_told(db: &Db) {
    make_items(db).await;
    let insert = |id: i64| {
        let db = db.clone();
        purlin_runtime::spawn(async move { db.write(INSERT).bind(id).execute().await })
    };
    let waiting = db.transaction(async |tx| {
        tx.query(INSERT).bind(1).execute().await?;
        let (first, other) = match select(insert(2), insert(3)).await {
            Either::Left(ended) => ended,
            Either::Right(ended) => ended,
        };
        let error = first.unwrap().unwrap_err();
        assert!(matches!(error, SqlError::Exhausted), "{error:?}");
        assert_eq!(error.code(), "SQL_EXHAUSTED");
        assert_eq!(error.class(), ErrorClass::Unavailable);
        Ok::<_, SqlError>(other)
    });
    // The other may have been waiting for the writer, or have found no place as well.
    let other = waiting.await.unwrap().await.unwrap();
    assert!(
        matches!(other, Ok(1) | Err(SqlError::Exhausted)),
        "{other:?}"
    );
    assert_eq!(db.write(INSERT).bind(4).execute().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_finds_no_place_in_the_queue_is_told_so() {
    let db = Db::connect(narrow("sqlite::memory:")).await.unwrap();
    who_finds_no_place_is_told(&db).await;
    db.close().await;
}

thread_local! {
    /// What was logged on this thread.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the log of the thread. One subscriber for all of them: with one for each thread, who
/// meets a line of code first would decide for the others whether it is logged.
struct ThreadLog;

impl io::Write for ThreadLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start_logging() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_ansi(false);
        let subscriber = subscriber.with_writer(|| ThreadLog).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

/// What the statements of a test say in the log if `slow_statement` is slow.
pub(crate) async fn logged(url: &str, slow_statement: Duration) -> String {
    start_logging();
    LOG.take();
    let config = SqlConfig {
        slow_statement,
        ..SqlConfig::new(url)
    };
    let db = Db::connect(config).await.unwrap();
    make_items(&db).await;
    let insert = db.write("insert into items values ($1, $2)");
    insert.bind(4711).bind("hunter2").execute().await.unwrap();
    let find = db
        .read()
        .query("select name from items where name = $1")
        .bind("hunter2");
    find.fetch_one::<(String,)>().await.unwrap();
    db.transaction(async |tx| tx.query("delete from items").execute().await)
        .await
        .unwrap();
    db.close().await;
    String::from_utf8(LOG.take()).unwrap()
}

/// Every kind of statement, once, by its shape and line and without its values.
pub(crate) fn tells_each_without_values(log: &str) {
    for statement in [
        "insert into items values ($1, $2)",
        "select name from items where name = $1",
        "delete from items",
    ] {
        let told = log.lines().filter(|line| {
            line.contains("slow statement")
                && line.contains(statement)
                && line.contains("bounds.rs:")
        });
        assert_eq!(told.count(), 1, "{statement} in {log}");
    }
    assert!(!log.contains("hunter2") && !log.contains("4711"), "{log}");
}

#[tokio::test]
async fn a_slow_statement_is_logged_by_shape_and_line_without_its_values() {
    tells_each_without_values(&logged("sqlite::memory:", Duration::ZERO).await);
    let quick = logged("sqlite::memory:", Duration::from_secs(3600)).await;
    assert!(!quick.contains("slow statement"), "{quick}");
}

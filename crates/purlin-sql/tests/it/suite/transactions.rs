//! Transactions: each rule of them.

use std::{
    future::{pending, poll_fn},
    task::Poll,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use purlin_base::Context;
use purlin_sql::{Db, SqlError, Tx};
use tokio::{sync::oneshot, time::timeout};

use super::{count, make_items};

const INSERT: &str = "insert into items values ($1, 'x')";

pub(crate) async fn all_or_nothing_by_what_the_closure_returns(db: &Db) {
    make_items(db).await;
    let done = db
        .transaction(async |tx| {
            tx.query(INSERT).bind(1).execute().await?;
            let read = tx.query("select count(*) from items");
            Ok::<_, SqlError>(read.fetch_one::<(i64,)>().await?.0)
        })
        .await;
    assert_eq!(done.unwrap(), 1);
    let undone = db
        .transaction(async |tx| {
            tx.query(INSERT).bind(2).execute().await?;
            Err::<(), _>(SqlError::NoRow)
        })
        .await;
    assert!(matches!(undone, Err(SqlError::NoRow)), "{undone:?}");
    assert_eq!(count(db).await, 1);
}

pub(crate) async fn nesting_is_refused_at_once(db: &Db) {
    make_items(db).await;
    let outer = db
        .transaction(async |tx| {
            let inner = db.transaction(async |_| Ok::<(), SqlError>(())).await;
            assert!(matches!(inner, Err(SqlError::Nested)), "{inner:?}");
            let write = db.write(INSERT).bind(1).execute().await;
            assert!(matches!(write, Err(SqlError::Nested)), "{write:?}");
            tx.query(INSERT).bind(2).execute().await
        })
        .await;
    assert_eq!(outer.unwrap(), 1);
    db.write(INSERT).bind(3).execute().await.unwrap();
    assert_eq!(count(db).await, 2);
}

pub(crate) async fn a_read_inside_sees_the_state_before(db: &Db) {
    make_items(db).await;
    db.transaction(async |tx| {
        tx.query(INSERT).bind(1).execute().await?;
        assert_eq!(count(db).await, 0);
        Ok::<_, SqlError>(())
    })
    .await
    .unwrap();
    assert_eq!(count(db).await, 1);
}

pub(crate) async fn a_transaction_that_takes_too_long_is_rolled_back(db: &Db) {
    make_items(db).await;
    let slow = db
        .transaction(async |tx| {
            tx.query(INSERT).bind(1).execute().await?;
            // Another task wants the same row, and gets it when this transaction's time is up.
            let outcome = insert_elsewhere(db).await;
            assert_eq!(outcome.unwrap(), 1, "the row was free again");
            let late = tx.query(INSERT).bind(2).execute().await;
            assert!(matches!(late, Err(SqlError::Deadline { .. })), "{late:?}");
            Ok::<_, SqlError>(())
        })
        .await;
    assert!(
        matches!(slow, Err(SqlError::Deadline { .. } | SqlError::Aborted)),
        "{slow:?}"
    );
    assert_eq!(count(db).await, 1);
}

/// Inserts row 1 in a task of its own, again for as long as the wait for the row takes too long.
async fn insert_elsewhere(db: &Db) -> Result<u64, SqlError> {
    let db = db.clone();
    let work = async move {
        loop {
            match db.write(INSERT).bind(1).execute().await {
                Err(SqlError::Deadline { .. }) => {}
                outcome => return outcome,
            }
        }
    };
    #[allow(clippy::disallowed_methods, reason = "there is no context to carry")]
    tokio::spawn(work).await.unwrap()
}

pub(crate) async fn a_long_statement_is_stopped_at_the_deadline(db: &Db) {
    make_items(db).await;
    let endless = "insert into items with recursive n(i) as
                   (select 1 union all select i + 1 from n where i > 0)
                   select i, 'x' from n where i < 0";
    let stopped = db
        .transaction(async |tx| tx.query(endless).execute().await)
        .await;
    assert!(
        matches!(stopped, Err(SqlError::Deadline { .. })),
        "{stopped:?}"
    );
    let neighbour = db.write(INSERT).bind(1).execute();
    let (stopped, neighbour) = tokio::join!(db.write(endless).execute(), neighbour);
    assert!(
        matches!(stopped, Err(SqlError::Deadline { .. })),
        "{stopped:?}"
    );
    assert_eq!(neighbour.unwrap(), 1);
}

pub(crate) async fn a_transaction_dropped_before_its_commit_leaves_nothing(db: &Db) {
    make_items(db).await;
    let (inserted, was_inserted) = oneshot::channel();
    let work = async |tx: &mut Tx| {
        tx.query(INSERT).bind(1).execute().await?;
        inserted.send(()).unwrap();
        pending::<Result<(), SqlError>>().await
    };
    let mut transaction = Box::pin(db.transaction(work));
    tokio::select! {
        _ = &mut transaction => unreachable!("it waits for ever"),
        was = was_inserted => was.unwrap(),
    }
    drop(transaction);
    assert_eq!(db.write(INSERT).bind(1).execute().await.unwrap(), 1);
}

/// Whoever comes next must not find himself in a transaction that nobody commits.
pub(crate) async fn a_transaction_dropped_at_any_moment_leaves_nothing_open(db: &Db) {
    make_items(db).await;
    for round in 0..60 {
        {
            let work = async |tx: &mut Tx| {
                tx.query("insert into items values (-1, 'x')")
                    .execute()
                    .await?;
                Err::<(), _>(SqlError::NoRow)
            };
            let mut transaction = Box::pin(db.transaction(work));
            for _ in 0..round % 12 {
                if transaction.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        db.write(INSERT).bind(round).execute().await.unwrap();
        assert_eq!(count(db).await, round + 1, "what was answered is committed");
    }
}

pub(crate) async fn whatever_is_dropped_at_any_moment_does_not_hold_up_the_close(db: &Db) {
    make_items(db).await;
    let drop_many = |seed: u64| {
        let db = db.clone();
        async move {
            for round in 0..100 {
                drop_one(
                    &db,
                    round,
                    Duration::from_micros((round + seed) * 37 % 2500),
                )
                .await;
            }
        }
    };
    let tasks: Vec<_> = (0..4)
        .map(|seed| purlin_runtime::spawn(drop_many(seed)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let closed = timeout(Duration::from_secs(20), db.close()).await;
    closed.expect("nothing is held up");
}

/// A write or a transaction that fails at its end, dropped after `time`.
async fn drop_one(db: &Db, round: u64, time: Duration) {
    let work = async |tx: &mut Tx| {
        let insert = "insert into items values (1, 'x') on conflict (id) do nothing";
        tx.query(insert).execute().await?;
        tx.query("insert into items values (1, 'x')")
            .execute()
            .await
    };
    let write = db
        .write("update items set name = 'y' where id = $1")
        .bind(1);
    let mut dropped = match round % 3 {
        0 => write.execute().boxed(),
        _ => db.transaction(work).boxed(),
    };
    let began = Instant::now();
    while began.elapsed() < time && dropped.as_mut().now_or_never().is_none() {
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn a_commit_that_was_sent_runs_to_its_end(db: &Db) {
    make_items(db).await;
    let (returned, mut has_returned) = oneshot::channel();
    let mut transaction = Box::pin(db.transaction(async |tx| {
        tx.query(INSERT).bind(1).execute().await?;
        returned.send(()).unwrap();
        Ok::<_, SqlError>(())
    }));
    // The poll in which the closure returns is the one that sends the commit.
    poll_fn(|cx| match transaction.poll_unpin(cx) {
        Poll::Pending if (&mut has_returned).now_or_never().is_none() => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
    drop(transaction);
    // A later write of the same row waits for the commit, and meets its row.
    let again = db.write(INSERT).bind(1).execute().await;
    assert!(matches!(again, Err(SqlError::Unique { .. })), "{again:?}");
}

pub(crate) async fn after_a_failed_statement_only_a_rollback_is_left(db: &Db) {
    make_items(db).await;
    let outcome = db
        .transaction(async |tx| {
            tx.query(INSERT).bind(1).execute().await?;
            let twice = tx.query(INSERT).bind(1).execute().await;
            assert!(matches!(twice, Err(SqlError::Unique { .. })), "{twice:?}");
            let later = tx.query(INSERT).bind(2).execute().await;
            assert!(matches!(later, Err(SqlError::Aborted)), "{later:?}");
            Ok::<_, SqlError>(())
        })
        .await;
    assert!(matches!(outcome, Err(SqlError::Aborted)), "{outcome:?}");
    assert_eq!(count(db).await, 0);
}

pub(crate) async fn a_commit_that_fails_says_why(db: &Db) {
    db.write("create table parents (id bigint primary key)")
        .execute()
        .await
        .unwrap();
    db.write(
        "create table items (id bigint primary key,
         name bigint references parents (id) deferrable initially deferred)",
    )
    .execute()
    .await
    .unwrap();
    let orphan = "insert into items values (1, $1)";
    let work = async |tx: &mut Tx| tx.query(orphan).bind(7).execute().await;
    let failed = db.transaction(work).await;
    assert!(
        matches!(failed, Err(SqlError::ForeignKey { .. })),
        "{failed:?}"
    );
    let alone = db.write(orphan).bind(7).execute().await;
    assert!(
        matches!(alone, Err(SqlError::ForeignKey { .. })),
        "{alone:?}"
    );
    // Beside a neighbour that is in order.
    let good = db.write("insert into parents values (1)").execute();
    let (bad, good) = tokio::join!(db.write(orphan).bind(7).execute(), good);
    assert!(matches!(bad, Err(SqlError::ForeignKey { .. })), "{bad:?}");
    assert_eq!(good.unwrap(), 1);
    assert_eq!(count(db).await, 0);
    // Whatever the transaction ran on is as good as new.
    for id in 2..12 {
        let insert = "insert into items values ($1, 1)";
        let work = async |tx: &mut Tx| tx.query(insert).bind(id).execute().await;
        assert_eq!(db.transaction(work).await.unwrap(), 1);
    }
}

pub(crate) async fn the_context_is_there_inside(db: &Db) {
    let context = Context::builder().request_id("r-9").build();
    let work = db.transaction(async |_| {
        Ok::<_, SqlError>(Context::with_current(|context| {
            context.request_id().to_owned()
        }))
    });
    assert_eq!(context.scope(work).await.unwrap().as_deref(), Some("r-9"));
}

//! What the machine does to a SQLite file.

use std::{sync::Arc, time::Duration};

use purlin_base::time::SystemClock;
use purlin_queue::{
    QueueError, Store,
    sql::{MIGRATIONS, SqlStore},
};
use purlin_sql::{Db, SqlConfig, SqlError};
use tokio::sync::oneshot;

use crate::tables::{claim, complete, job, jobs};

async fn open(folder: &tempfile::TempDir) -> SqlStore {
    let config = SqlConfig {
        busy_timeout: Duration::from_millis(20),
        ..SqlConfig::new(format!("sqlite://{}", folder.path().join("q.db").display()))
    };
    let db = Db::connect(config).await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    SqlStore::new(db, Arc::new(SystemClock))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_process_keeps_busy_is_a_typed_error_and_nothing_is_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let (store, other) = (open(&folder).await, open(&folder).await);
    let (taken, is_taken) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let holder = purlin_runtime::spawn(async move {
        let held = other.db().transaction(async |tx| {
            let touch = "update purlin_queues set paused = 0";
            tx.query(touch).execute().await?;
            taken.send(()).unwrap();
            let _ = released.await;
            Ok::<_, SqlError>(())
        });
        held.await.unwrap();
    });
    is_taken.await.unwrap();
    let refused = store.add(jobs("q", 3)).await;
    assert!(
        matches!(refused, Err(QueueError::Sql(SqlError::Busy(_)))),
        "{refused:?}"
    );
    release.send(()).unwrap();
    holder.await.unwrap();
    assert_eq!(store.counts("q").await.unwrap().waiting, 0);
    store.add(jobs("q", 3)).await.unwrap();
    assert_eq!(claim(&store, "q", 10).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_what_is_new_and_work_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    store.add(vec![job("q", "first")]).await.unwrap();
    let pages = store.db().write("pragma page_count").fetch_one::<(i64,)>();
    let pages = pages.await.unwrap().0;
    limit_pages(&store, pages).await;
    let mut large = job("q", "large");
    large.data = purlin_queue::Payload::of(&"x".repeat(200_000)).unwrap();
    let refused = store.add(vec![large.clone()]).await;
    assert!(
        matches!(refused, Err(QueueError::Sql(SqlError::StorageFull(_)))),
        "{refused:?}"
    );
    assert_eq!(store.job("q", "large").await.unwrap(), None);
    let [claimed] = claim(&store, "q", 10).await.try_into().unwrap();
    complete(&store, &claimed).await;
    limit_pages(&store, 1 << 20).await;
    assert!(store.add(vec![large]).await.unwrap()[0].is_new);
}

/// Pragmas take no bound values: of those that there are, the one that fits.
async fn limit_pages(store: &SqlStore, pages: i64) {
    let limit = if pages > 10_000 {
        "pragma max_page_count = 1048576"
    } else {
        // Never below what there is.
        "pragma max_page_count = 1"
    };
    store.db().write(limit).fetch_one::<(i64,)>().await.unwrap();
}

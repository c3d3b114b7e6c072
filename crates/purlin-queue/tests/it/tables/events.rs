//! What is told of what happened.

use std::time::Duration;

use purlin_queue::{
    Store,
    sql::SqlStore,
    store::{Event, EventKind},
};

use super::{job, jobs};

/// Every event after `mark`, read in pages of `max`.
async fn read(store: &SqlStore, mark: &mut String, max: u32) -> Vec<Event> {
    let mut read = Vec::new();
    loop {
        let (page, next) = store.events("q", Some(mark.clone()), max).await.unwrap();
        *mark = next;
        assert!(page.len() <= max as usize);
        if page.is_empty() {
            return read;
        }
        read.extend(page);
    }
}

fn added(events: &[Event]) -> Vec<&str> {
    let added = events.iter().filter(|event| event.kind == EventKind::Added);
    added.map(|event| event.job.as_str()).collect()
}

pub(super) async fn events_are_read_once_and_in_order_in_pages_of_any_size(store: &SqlStore) {
    for max in [1, 3, 1000] {
        let (_, mut mark) = store.events("q", None, 10).await.unwrap();
        let mut told = Vec::new();
        for commit in 0..5 {
            let mut some = jobs("q", 7);
            for job in &mut some {
                job.id = format!("{max}-{commit}-{}", job.id);
            }
            told.extend(some.iter().map(|job| job.id.clone()));
            store.add(some).await.unwrap();
            store
                .add(vec![job("other", &format!("{max}-{commit}-x"))])
                .await
                .unwrap();
        }
        let events = read(store, &mut mark, max).await;
        assert_eq!(added(&events), told, "in pages of {max}");
        assert_eq!(read(store, &mut mark, max).await, []);
    }
}

pub(super) async fn a_reader_that_begins_now_is_told_what_is_to_come(store: &SqlStore) {
    store.add(vec![job("q", "before")]).await.unwrap();
    let (none, mut mark) = store.events("q", None, 10).await.unwrap();
    assert_eq!(none, []);
    store.add(vec![job("q", "after")]).await.unwrap();
    assert_eq!(added(&read(store, &mut mark, 10).await), ["after"]);
    let (none, mut mark) = store.events("q", Some("no mark".into()), 10).await.unwrap();
    assert_eq!(none, []);
    store.add(vec![job("q", "last")]).await.unwrap();
    assert_eq!(added(&read(store, &mut mark, 10).await), ["last"]);
}

pub(super) async fn old_events_are_dropped(store: &SqlStore) {
    let many = "insert into purlin_queue_events (queue, at, events) \
                with recursive n (n) as (select 1 union all select n + 1 from n where n < 12000) \
                select 'q', n, '[]' from n";
    store.db().write(many).execute().await.unwrap();
    store.add(vec![job("q", "newest")]).await.unwrap();
    for _ in 0..4 {
        store.upkeep("q", 1000).await.unwrap();
    }
    let count = "select count(*), max(at) from purlin_queue_events where queue = 'q'";
    let count = store.db().read().query(count);
    let (left, newest) = count.fetch_one::<(i64, i64)>().await.unwrap();
    assert!((10_000..=11_001).contains(&left), "{left} are left");
    assert!(newest > 12_000, "the newest one is kept");
}

pub(super) async fn minutes_that_nobody_asks_for_any_more_are_dropped(store: &SqlStore) {
    store.add(vec![job("q", "a")]).await.unwrap();
    let running = super::claim(store, "q", 1).await.remove(0);
    super::complete(store, &running).await;
    let rates = store.rates("q", 5).await.unwrap();
    assert_eq!(rates.len(), 5);
    let completed: u64 = rates.iter().map(|minute| minute.completed).sum();
    assert_eq!(completed, 1);
    store.advance(Duration::from_secs(25 * 3600));
    store.upkeep("q", 100).await.unwrap();
    let count = "select count(*) from purlin_queue_minutes where minute > 0";
    let count = store.db().read().query(count).fetch_one::<(i64,)>().await;
    assert_eq!(count.unwrap().0, 0);
}

#[cfg(feature = "postgres")]
mod postgres {
    use purlin_queue::{QueueError, Store};
    use tokio::sync::oneshot;

    use super::{added, job, read};
    use crate::tables::engine;

    /// Rows are numbered before they are committed, and the first may be committed last.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_event_that_is_committed_late_is_not_missed() {
        engine::postgres::with_postgres(async |store| {
            let (_, mut mark) = store.events("q", None, 10).await.unwrap();
            let (written, is_written) = oneshot::channel();
            let (go_on, may_go_on) = oneshot::channel::<()>();
            let slow = store.db().transaction(async |tx| {
                let jobs = vec![job("q", "late")];
                store.transactional().unwrap().add_within(tx, jobs).await?;
                written.send(()).unwrap();
                may_go_on.await.unwrap();
                Ok::<_, QueueError>(())
            });
            let quick = async {
                is_written.await.unwrap();
                store.add(vec![job("q", "early")]).await.unwrap();
                let events = read(&store, &mut mark, 10).await;
                assert_eq!(added(&events), ["early"]);
                go_on.send(()).unwrap();
            };
            let (slow, ()) = tokio::join!(slow, quick);
            slow.unwrap();
            assert_eq!(added(&read(&store, &mut mark, 10).await), ["late"]);
            assert_eq!(read(&store, &mut mark, 10).await, []);
        })
        .await;
    }
}

//! Wake-ups within one process.

use futures_util::FutureExt;
use purlin_sql::{Db, SqlError};

pub(crate) async fn many_wake_ups_are_one(db: &Db) {
    let mut listener = db.listen("many");
    assert!(listener.woken().now_or_never().is_none());
    for _ in 0..3 {
        db.notify("many");
        db.clone().notify("another");
    }
    assert!(listener.woken().now_or_never().is_some());
    assert!(listener.woken().now_or_never().is_none());
}

pub(crate) async fn every_listener_of_a_channel_is_woken(db: &Db) {
    let mut listeners = [db.listen("all"), db.listen("all")];
    let mut other = db.listen("other");
    db.notify("all");
    for listener in &mut listeners {
        listener.woken().await;
    }
    assert!(other.woken().now_or_never().is_none());
}

pub(crate) async fn a_wait_that_is_dropped_loses_no_wake_up(db: &Db) {
    let mut listener = db.listen("dropped");
    assert!(listener.woken().now_or_never().is_none());
    db.notify("dropped");
    assert!(listener.woken().now_or_never().is_some());
}

pub(crate) async fn a_transaction_wakes_when_it_is_committed(db: &Db) {
    let mut listener = db.listen("committed");
    db.transaction(async |tx| {
        tx.notify("committed");
        tx.notify("committed");
        assert!(listener.woken().now_or_never().is_none());
        Ok::<_, SqlError>(())
    })
    .await
    .unwrap();
    assert!(listener.woken().now_or_never().is_some());

    let undone = db.transaction(async |tx| {
        tx.notify("committed");
        Err::<(), _>(SqlError::NoRow)
    });
    undone.await.unwrap_err();
    assert!(listener.woken().now_or_never().is_none());
}

pub(crate) async fn closing_the_database_wakes_once_more(db: &Db) {
    let mut listener = db.listen("closing");
    db.close().await;
    assert!(listener.woken().now_or_never().is_some());
    assert!(listener.woken().now_or_never().is_none());
}

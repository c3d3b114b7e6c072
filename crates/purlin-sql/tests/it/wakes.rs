//! Wake-ups from one process to another, on a server.

use std::time::Duration;

use futures_util::FutureExt;
use purlin_sql::{Db, Listener};
use tokio::time::timeout;
use uuid::Uuid;

use crate::engines::postgres_server::with_url;

/// Long enough for a busy machine; a wake-up takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

async fn woken(listener: &mut Listener) {
    let woken = timeout(PATIENCE, listener.woken()).await;
    woken.expect("it is woken in time");
}

/// Listens, and waits until the connection that listens is there: it wakes everybody once.
async fn listen(db: &Db, channel: &'static str) -> Listener {
    let mut listener = db.listen(channel);
    woken(&mut listener).await;
    listener
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wake_up_reaches_other_processes_and_comes_back_to_none() {
    with_url(async |url: String| {
        let [here, there] = [Db::connect(&*url), Db::connect(&*url)];
        let (here, there) = (here.await.unwrap(), there.await.unwrap());
        let mut mine = listen(&here, "across-mine").await;
        let mut heard = listen(&there, "across").await;
        let mut last = there.listen("across-last");
        for _ in 0..100 {
            here.notify("across-mine");
        }
        here.notify("across");
        woken(&mut heard).await;
        // What this process said itself is told to it once, from memory. By the time a later word
        // has come from there, an echo would have been heard.
        assert!(mine.woken().now_or_never().is_some());
        let mut answer = here.listen("across-answer");
        here.notify("across-last");
        woken(&mut last).await;
        there.notify("across-answer");
        woken(&mut answer).await;
        assert!(mine.woken().now_or_never().is_none());
        here.close().await;
        there.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_its_connection_was_lost_every_listener_is_woken_and_hears_again() {
    with_url(async |url: String| {
        let name = format!("purlin_{}", Uuid::now_v7().simple());
        let named = Db::connect(format!("{url}&application_name={name}"));
        let (here, there) = (Db::connect(&*url).await.unwrap(), named.await.unwrap());
        let mut heard = listen(&there, "lost").await;
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity
                   where application_name = $1 and query ilike 'listen%'";
        let cut = here.write(cut).bind(name).fetch_all::<(bool,)>().await;
        assert_eq!(cut.unwrap(), [(true,)]);
        woken(&mut heard).await;
        here.notify("lost");
        woken(&mut heard).await;
        here.close().await;
        there.close().await;
    })
    .await;
}

//! Jobs of a store elsewhere, added inside a transaction of a database.

use std::{sync::Arc, time::Duration};

use purlin_base::time::SystemClock;
use purlin_queue::{
    Job, JobContext, JobError, MemoryStore, QueueConfig, Queues, State, Store, Worker,
    outbox::QueueSink,
};
use purlin_sql::{
    Db, SqlError,
    outbox::{OUTBOX, Outbox, Relay},
};
use serde::{Deserialize, Serialize};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Serialize, Deserialize, Job)]
#[job(queue = "mails", name = "welcome", attempts = 2)]
struct Welcome {
    to: String,
}

fn welcome() -> Welcome {
    Welcome {
        to: "ada@example.org".to_owned(),
    }
}

/// A database, and queues that are not in it.
async fn apart() -> (Db, Queues, Relay) {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.migrate(&OUTBOX).await.unwrap();
    let sent = "create table sent (mail text not null)";
    db.write(sent).execute().await.unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(Arc::new(SystemClock)));
    let config = QueueConfig {
        outbox: Some(Outbox::new(&db)),
        ..QueueConfig::default()
    };
    let sink = Arc::new(QueueSink::new(Arc::clone(&store)));
    let relay = Relay::builder(&db).sink(sink).build().unwrap();
    (db, Queues::with_config(store, config), relay)
}

#[tokio::test]
async fn a_job_waits_in_the_outbox_and_is_sent_after_its_commit() {
    let (db, queues, relay) = apart().await;
    let add = async |tx: &mut purlin_sql::Tx| queues.add(welcome()).id("once").within(tx).await;
    let added = db.transaction(add).await.unwrap();
    assert!(added.is_new);
    let mails = queues.queue("mails").unwrap();
    let waiting = mails.job("once").await.unwrap().expect("it is there");
    assert_eq!((waiting.state, &*waiting.name), (State::Waiting, "welcome"));
    assert_eq!(
        mails.counts().await.unwrap().waiting,
        0,
        "and not in the store"
    );
    assert_eq!(relay.pass().await.unwrap().sent, 1);
    assert_eq!(mails.counts().await.unwrap().waiting, 1);
    assert_eq!(
        mails.job("once").await.unwrap().unwrap().state,
        State::Waiting
    );
}

#[tokio::test]
async fn a_job_of_a_transaction_that_is_rolled_back_is_never_there() {
    let (db, queues, relay) = apart().await;
    let rolled_back = db.transaction(async |tx| {
        queues.add(welcome()).id("never").within(tx).await.unwrap();
        Err::<(), SqlError>(SqlError::Aborted)
    });
    rolled_back.await.unwrap_err();
    let mails = queues.queue("mails").unwrap();
    assert!(mails.job("never").await.unwrap().is_none());
    assert_eq!(relay.pass().await.unwrap().sent, 0);
}

#[tokio::test]
async fn a_second_job_of_one_id_is_the_first() {
    let (db, queues, relay) = apart().await;
    for is_new in [true, false] {
        let add = async |tx: &mut purlin_sql::Tx| queues.add(welcome()).id("one").within(tx).await;
        assert_eq!(db.transaction(add).await.unwrap().is_new, is_new);
    }
    relay.pass().await.unwrap();
    let counts = queues.queue("mails").unwrap().counts().await.unwrap();
    assert_eq!(counts.waiting, 1);
}

/// Sends the mail, and fails after that the first time.
async fn send(db: Db, context: JobContext) -> Result<(), JobError> {
    let sent = context.effect(&db, async |tx| {
        let insert = tx.query("insert into sent values ('a mail')");
        insert.execute().await?;
        Ok(())
    });
    match sent.await? {
        Some(()) => Err(JobError::failed("its end was not told")),
        None => Ok(()),
    }
}

#[tokio::test]
async fn an_effect_is_there_once_though_its_job_was_run_twice() {
    let (db, queues, _relay) = apart().await;
    let in_job = db.clone();
    let worker = Worker::of(&queues.queue("mails").unwrap())
        .processor::<Welcome, _>(move |_: Welcome, context: JobContext| {
            send(in_job.clone(), context)
        })
        .start()
        .await
        .unwrap();
    let added = queues.add(welcome()).await.unwrap();
    added.wait_until_finished(PATIENCE).await.unwrap();
    let count = db.read().query("select count(*) from sent");
    assert_eq!(count.fetch_one::<(i64,)>().await.unwrap(), (1,));
    worker.stop(PATIENCE).await;
}

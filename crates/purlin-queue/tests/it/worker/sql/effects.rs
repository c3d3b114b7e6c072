//! Effects that happen once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use purlin_queue::{
    Job, JobContext, JobError, Queue, QueueError, State, Worker,
    job::FailureCause,
    sql::SqlStore,
    store::{Ending, Finish, Finished, Lease, Store as _, Turn},
};
use purlin_sql::{Db, SqlError};
use serde::{Deserialize, Serialize};

const SECOND: Duration = Duration::from_secs(1);

/// Leaves a mark.
#[derive(Serialize, Deserialize)]
struct Mark {
    n: i64,
}

impl Job for Mark {
    const NAME: &'static str = "mark";
    const QUEUE: &'static str = "marks";
    type Output = i64;
}

async fn marks(store: &SqlStore) -> Queue {
    let table = "create table marks (n bigint not null)";
    store.db().write(table).execute().await.unwrap();
    Queue::new(Arc::new(store.clone()), "marks").unwrap()
}

async fn count(db: &Db) -> i64 {
    let count = db.read().query("select count(*) from marks");
    count.fetch_one::<(i64,)>().await.unwrap().0
}

/// Leaves a mark and completes the job in one transaction.
async fn leave(db: &Db, job: Mark, context: &JobContext) -> Result<i64, JobError> {
    db.transaction(async |tx| {
        let insert = tx.query("insert into marks (n) values ($1)");
        insert.bind(job.n).execute().await?;
        context.complete_in(tx, &job.n).await?;
        Ok::<_, JobError>(job.n)
    })
    .await
}

pub(super) async fn a_job_in_a_transaction_is_there_if_and_only_if_that_commits(store: &SqlStore) {
    let queue = marks(store).await;
    let db = store.db();
    let rolled_back = db
        .transaction(async |tx| {
            queue
                .add(Mark { n: 1 })
                .id("gone")
                .within(tx)
                .await
                .unwrap();
            let adds = [queue.add(Mark { n: 2 }), queue.add(Mark { n: 3 })];
            queue.add_bulk_within(tx, adds).await.unwrap();
            Err::<(), _>(SqlError::Closed)
        })
        .await;
    rolled_back.unwrap_err();
    assert_eq!(queue.counts().await.unwrap().waiting, 0);
    let added = db
        .transaction(async |tx| {
            let added = queue.add(Mark { n: 1 }).id("kept").within(tx).await?;
            Ok::<_, JobError>(added)
        })
        .await
        .unwrap();
    assert!(added.is_new);
    assert_eq!(
        queue.job("kept").await.unwrap().unwrap().state,
        State::Waiting
    );
}

pub(super) async fn the_effect_and_the_completion_commit_together(store: &SqlStore) {
    let queue = marks(store).await;
    let db = store.db().clone();
    let process = move |job: Mark, context: JobContext| {
        let db = db.clone();
        async move { leave(&db, job, &context).await }
    };
    let worker = Worker::of(&queue)
        .processor::<Mark, _>(process)
        .start()
        .await
        .unwrap();
    let added = queue.add(Mark { n: 7 }).attempts(3).await.unwrap();
    assert_eq!(added.wait_until_finished(30 * SECOND).await.unwrap(), 7);
    worker.stop(SECOND).await;
    let job = queue.job(&added.id).await.unwrap().unwrap();
    assert_eq!(
        (job.attempts_started, job.attempts_made, job.crashes),
        (1, 1, 0)
    );
    assert_eq!(count(store.db()).await, 1);
}

pub(super) async fn a_transaction_that_is_rolled_back_leaves_neither_effect_nor_completion(
    store: &SqlStore,
) {
    let queue = marks(store).await;
    let db = store.db().clone();
    let process = move |job: Mark, context: JobContext| {
        let db = db.clone();
        async move {
            if context.attempt() == 2 {
                return leave(&db, job, &context).await;
            }
            db.transaction(async |tx| {
                let insert = tx.query("insert into marks (n) values ($1)");
                insert.bind(job.n).execute().await?;
                context.complete_in(tx, &job.n).await?;
                Err::<i64, _>(JobError::failed("after all"))
            })
            .await
        }
    };
    let worker = Worker::of(&queue)
        .processor::<Mark, _>(process)
        .start()
        .await
        .unwrap();
    let added = queue.add(Mark { n: 7 }).attempts(3).await.unwrap();
    assert_eq!(added.wait_until_finished(30 * SECOND).await.unwrap(), 7);
    worker.stop(SECOND).await;
    let job = queue.job(&added.id).await.unwrap().unwrap();
    assert_eq!(job.attempts_made, 2);
    assert_eq!(count(store.db()).await, 1);
}

/// The job is ended behind the worker's back, as another attempt would: its own effect must not be.
pub(super) async fn an_attempt_that_was_overtaken_leaves_no_effect(store: &SqlStore) {
    let queue = marks(store).await;
    let (db, other) = (store.db().clone(), store.clone());
    let process = move |job: Mark, context: JobContext| {
        let (db, other) = (db.clone(), other.clone());
        async move {
            overtake(&other, &context).await;
            let left = leave(&db, job, &context).await;
            let Err(JobError::Failed(why)) = &left else {
                panic!("it was not refused: {left:?}");
            };
            let why = why.downcast_ref::<QueueError>();
            assert!(matches!(why, Some(QueueError::LeaseLost { .. })), "{why:?}");
            assert!(context.is_cancelled());
            left
        }
    };
    let worker = Worker::of(&queue)
        .processor::<Mark, _>(process)
        .start()
        .await
        .unwrap();
    let added = queue.add(Mark { n: 7 }).attempts(3).await.unwrap();
    assert_eq!(added.wait_until_finished(30 * SECOND).await.unwrap(), 99);
    worker.stop(10 * SECOND).await;
    assert_eq!(count(store.db()).await, 0);
    let job = queue.job(&added.id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempts_made), (State::Completed, 1));
}

async fn overtake(store: &SqlStore, context: &JobContext) {
    let lease = Lease {
        queue: context.queue().to_owned(),
        id: context.id().to_owned(),
        fence: context.fence(),
        token: String::new(),
    };
    let ending = Ending::Complete(purlin_queue::Payload::from_json("99"));
    let finish = vec![Finish { lease, ending }];
    let turn = Turn {
        finish,
        claim: None,
    };
    let turned = store.turn(turn).await.unwrap();
    assert_eq!(turned.finished, [Finished::Done(State::Completed)]);
}

pub(super) async fn many_jobs_have_their_effects_once_each(store: &SqlStore) {
    let queue = marks(store).await;
    let (db, calls) = (store.db().clone(), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&calls);
    let process = move |job: Mark, context: JobContext| {
        let (db, calls) = (db.clone(), Arc::clone(&counted));
        async move {
            calls.fetch_add(1, SeqCst);
            leave(&db, job, &context).await
        }
    };
    let adds = (0..200).map(|n| queue.add(Mark { n }));
    queue.add_bulk(adds).await.unwrap();
    let worker = Worker::of(&queue)
        .concurrency(8)
        .processor::<Mark, _>(process);
    let worker = worker.start().await.unwrap();
    let last = queue.add(Mark { n: 200 }).await.unwrap();
    last.wait_until_finished(60 * SECOND).await.unwrap();
    worker.stop(30 * SECOND).await;
    let counts = queue.counts().await.unwrap();
    assert_eq!(
        (counts.completed, counts.active, counts.waiting),
        (201, 0, 0)
    );
    assert_eq!(count(store.db()).await, 201);
    assert_eq!(calls.load(SeqCst), 201);
}

pub(super) async fn a_cancelled_job_is_told_though_it_does_not_look(store: &SqlStore) {
    let queue = marks(store).await;
    let process = async |_: Mark, _: JobContext| std::future::pending().await;
    let worker = Worker::of(&queue)
        .grace(Duration::ZERO)
        .processor::<Mark, _>(process);
    let worker = worker.start().await.unwrap();
    let mut events = queue.events().await.unwrap();
    let added = queue.add(Mark { n: 1 }).await.unwrap();
    let is_active = |event: &purlin_queue::store::Event| {
        event.job == added.id && event.kind == purlin_queue::store::EventKind::Active
    };
    while !is_active(&events.next().await.unwrap()) {}
    queue.cancel(&added.id).await.unwrap();
    let error = added.wait_until_finished(30 * SECOND).await.unwrap_err();
    let QueueError::JobFailed { failure, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(failure.cause, FailureCause::Cancelled);
    worker.stop(SECOND).await;
}

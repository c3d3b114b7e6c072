//! Jobs that are not wanted any more.

use std::sync::atomic::Ordering::SeqCst;

use purlin_queue::{
    JobContext, JobError, Queue, State, Store as _, job::FailureCause, store::Change,
};

use super::yard::{HOUR, SECOND, Sum, Yard, sum};

async fn until_cancelled(_: Sum, context: JobContext) -> Result<u32, JobError> {
    context.cancelled().await;
    Err(JobError::Cancelled)
}

#[tokio::test]
async fn a_job_that_runs_in_this_process_is_told_at_once() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(until_cancelled)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).attempts(3).await.unwrap();
    yard.reaches(&added.id, State::Active).await;
    yard.until("it runs", async || worker.running() == 1).await;
    let renewals = yard.store.renewals.load(SeqCst);
    // Another handle of the same store and queue.
    let same = Queue::new(yard.store.clone(), "sums").unwrap();
    same.cancel(&added.id).await.unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    assert_eq!(job.failure.unwrap().cause, FailureCause::Cancelled);
    assert_eq!(yard.store.renewals.load(SeqCst), renewals);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_job_that_runs_elsewhere_is_told_with_its_next_renewal() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(until_cancelled)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    // Straight at the store, as another process does.
    yard.store
        .change("sums", &added.id, Change::Cancel)
        .await
        .unwrap();
    assert_eq!(yard.job(&added.id).await.state, State::Active);
    yard.until_by(HOUR / 60, "it is told", async || {
        yard.job(&added.id).await.state == State::Failed
    })
    .await;
    let job = yard.job(&added.id).await;
    assert_eq!(job.failure.unwrap().cause, FailureCause::Cancelled);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_job_that_does_not_listen_is_dropped_after_the_grace() {
    let yard = Yard::new();
    let process = async |_: Sum, _: JobContext| std::future::pending().await;
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    yard.queue.cancel(&added.id).await.unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    assert_eq!(job.failure.unwrap().cause, FailureCause::Cancelled);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_job_that_succeeds_all_the_same_has_succeeded() {
    let yard = Yard::new();
    let process = async |_: Sum, context: JobContext| {
        context.cancelled().await;
        Ok(9)
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    yard.queue.cancel(&added.id).await.unwrap();
    let job = yard.reaches(&added.id, State::Completed).await;
    assert_eq!(job.result.unwrap().as_str(), "9");
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_job_that_is_cancelled_while_it_waits_for_a_place_does_not_begin() {
    let yard = Yard::new();
    let process = async |job: Sum, context: JobContext| {
        assert_ne!(job.a, 99, "it has begun");
        if job.b == 1 {
            context.cancelled().await;
        }
        Ok(job.a)
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    // Short jobs first, so that the worker takes one ahead.
    let shorts = (0..10).map(|a| yard.queue.add(sum(a, 0)));
    yard.queue.add_bulk(shorts).await.unwrap();
    yard.until("they are done", async || {
        yard.queue.counts().await.unwrap().completed == 10
    })
    .await;
    let runs = yard.queue.add(sum(1, 1)).await.unwrap();
    let waits = yard.queue.add(sum(99, 0)).await.unwrap();
    yard.until("it is ahead", async || {
        yard.job(&waits.id).await.state == State::Active
    })
    .await;
    yard.queue.cancel(&waits.id).await.unwrap();
    yard.queue.cancel(&runs.id).await.unwrap();
    let job = yard.reaches(&waits.id, State::Failed).await;
    assert_eq!(job.failure.unwrap().cause, FailureCause::Cancelled);
    yard.reaches(&runs.id, State::Completed).await;
    worker.stop(SECOND).await;
}

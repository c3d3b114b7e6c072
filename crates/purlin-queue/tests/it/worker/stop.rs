//! How a worker stops.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};
use std::time::Duration;

use purlin_base::lifecycle::Lifecycle as _;
use purlin_queue::{JobContext, JobError, State};
use tokio::sync::Notify;

use super::yard::{SECOND, Sum, Yard, add_up, sum};

/// No time passes: an idle worker waits for nothing.
#[tokio::test]
async fn an_idle_worker_stops_without_time_passing_and_again_is_no_harm() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    worker.stop(10 * SECOND).await;
    worker.stop(10 * SECOND).await;
    worker.on_module_destroy().await.unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(yard.job(&added.id).await.state, State::Waiting);
}

#[tokio::test]
async fn what_runs_may_end_before_the_deadline() {
    let yard = Yard::new();
    let gate = Arc::new(Notify::new());
    let process = {
        let gate = Arc::clone(&gate);
        move |_: Sum, context: JobContext| {
            let gate = Arc::clone(&gate);
            async move {
                gate.notified().await;
                assert!(!context.is_cancelled());
                Ok(1)
            }
        }
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    let after = yard.queue.add(sum(2, 2)).await.unwrap();
    tokio::join!(worker.stop(10 * SECOND), async { gate.notify_one() });
    assert_eq!(yard.job(&added.id).await.state, State::Completed);
    assert_eq!(yard.job(&after.id).await.state, State::Waiting);
}

#[tokio::test]
async fn what_goes_on_past_the_deadline_is_told_then_dropped_and_handed_back() {
    let yard = Yard::new();
    let told = Arc::new(AtomicBool::new(false));
    let process = {
        let told = Arc::clone(&told);
        move |_: Sum, context: JobContext| {
            let told = Arc::clone(&told);
            async move {
                context.cancelled().await;
                told.store(true, SeqCst);
                std::future::pending::<Result<u32, JobError>>().await
            }
        }
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    let stopped = AtomicBool::new(false);
    let stop = async {
        worker.stop(5 * SECOND).await;
        stopped.store(true, SeqCst);
    };
    tokio::join!(stop, async {
        yard.until("it has stopped", async || stopped.load(SeqCst))
            .await;
    });
    assert!(told.load(SeqCst));
    let job = yard.job(&added.id).await;
    assert_eq!(job.state, State::Waiting);
    assert_eq!(
        (job.attempts_started, job.attempts_made, job.crashes),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn what_was_taken_ahead_is_handed_back_in_its_old_place() {
    let yard = Yard::new();
    let gate = Arc::new(Notify::new());
    let process = {
        let gate = Arc::clone(&gate);
        move |job: Sum, _: JobContext| {
            let gate = Arc::clone(&gate);
            async move {
                if job.b == 1 {
                    gate.notified().await;
                }
                Ok(job.a)
            }
        }
    };
    let worker = yard.worker().concurrency(4).processor::<Sum, _>(process);
    let worker = worker.start().await.unwrap();
    // Short jobs first, so that the worker takes some ahead.
    yard.queue
        .add_bulk((0..20).map(|a| yard.queue.add(sum(a, 0))))
        .await
        .unwrap();
    yard.until("they are done", async || {
        yard.queue.counts().await.unwrap().completed == 20
    })
    .await;
    let held = yard
        .queue
        .add_bulk((0..12).map(|a| yard.queue.add(sum(a, 1))))
        .await
        .unwrap();
    yard.until("some are ahead", async || {
        yard.queue.counts().await.unwrap().active > 4
    })
    .await;
    assert_eq!(worker.running(), 4);
    assert!(yard.queue.counts().await.unwrap().active <= 8);
    tokio::join!(worker.stop(10 * SECOND), async {
        for _ in 0..4 {
            gate.notify_one();
            tokio::task::yield_now().await;
        }
        yard.until("it has stopped", async || worker.running() == 0)
            .await;
    });
    let counts = yard.queue.counts().await.unwrap();
    assert_eq!(
        (counts.completed, counts.waiting, counts.active),
        (24, 8, 0)
    );
    let left = yard.queue.jobs(&[State::Waiting], 0, 100).await.unwrap();
    let ids: Vec<&str> = left.iter().map(|job| &*job.id).collect();
    let expected: Vec<&str> = held[4..].iter().map(|added| &*added.id).collect();
    assert_eq!(ids, expected);
    assert!(left.iter().all(|job| job.attempts_started == 0));
}

#[tokio::test]
async fn what_is_ahead_for_a_second_is_handed_back_to_others() {
    let yard = Yard::new();
    let process = async |job: Sum, context: JobContext| {
        if job.b == 1 {
            context.cancelled().await;
        }
        Ok(job.a)
    };
    let worker = yard.worker().concurrency(2).processor::<Sum, _>(process);
    let worker = worker.start().await.unwrap();
    yard.queue
        .add_bulk((0..20).map(|a| yard.queue.add(sum(a, 0))))
        .await
        .unwrap();
    yard.until("they are done", async || {
        yard.queue.counts().await.unwrap().completed == 20
    })
    .await;
    yard.queue
        .add_bulk((0..4).map(|a| yard.queue.add(sum(a, 1))))
        .await
        .unwrap();
    yard.until("some are ahead", async || {
        yard.queue.counts().await.unwrap().active == 4
    })
    .await;
    yard.until("they are handed back", async || {
        let counts = yard.queue.counts().await.unwrap();
        (counts.active, counts.waiting) == (2, 2)
    })
    .await;
    worker.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_worker_that_is_dropped_hands_back_what_it_ran() {
    let yard = Yard::new();
    let process = async |_: Sum, context: JobContext| {
        context.cancelled().await;
        Err::<u32, _>(JobError::failed("stopped half way"))
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.until("it runs", async || worker.running() == 1).await;
    drop(worker);
    let job = yard.reaches(&added.id, State::Waiting).await;
    assert_eq!((job.attempts_started, job.attempts_made), (0, 0));
}

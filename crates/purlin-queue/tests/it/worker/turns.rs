//! How often the store is asked, and for how much.

use std::sync::atomic::Ordering::SeqCst;

use purlin_queue::{JobContext, State};

use super::yard::{MS, SECOND, Sum, Yard, add_up, sum};

#[tokio::test]
async fn endings_ride_with_the_next_claim_in_one_turn() {
    let yard = Yard::new();
    yard.queue
        .add_bulk((0..500).map(|a| yard.queue.add(sum(a, 0))))
        .await
        .unwrap();
    let worker = yard.worker().concurrency(50).processor::<Sum, _>(add_up);
    let worker = worker.start().await.unwrap();
    yard.until("all are done", async || {
        yard.queue.counts().await.unwrap().completed == 500
    })
    .await;
    let turns = yard.store.turns.load(SeqCst);
    assert!(turns < 60, "{turns} turns for 500 jobs");
    assert!(yard.store.largest_claim.load(SeqCst) <= 100);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn no_more_run_at_once_than_may_and_long_jobs_are_not_taken_ahead() {
    let yard = Yard::new();
    let process = async |_: Sum, context: JobContext| {
        context.sleep(200 * MS).await;
        Ok(0)
    };
    let worker = yard.worker().concurrency(3).processor::<Sum, _>(process);
    let worker = worker.start().await.unwrap();
    yard.queue
        .add_bulk((0..12).map(|a| yard.queue.add(sum(a, 0))))
        .await
        .unwrap();
    yard.until("all are done", async || {
        let counts = yard.queue.counts().await.unwrap();
        assert!(counts.active <= 3, "{counts:?}");
        counts.completed == 12
    })
    .await;
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn an_idle_worker_asks_once_a_second_and_no_more() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .poll(25 * MS, SECOND)
        .processor::<Sum, _>(add_up);
    let worker = worker.start().await.unwrap();
    let passed = async |time: u32| {
        for _ in 0..time {
            yard.clock.advance(10 * MS);
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
        }
    };
    passed(300).await;
    let before = yard.store.turns.load(SeqCst);
    passed(1000).await;
    let turns = yard.store.turns.load(SeqCst) - before;
    assert!((9..=11).contains(&turns), "{turns} turns in 10 s");
    worker.stop(SECOND).await;
}

/// The clock stands still: only the hint can have brought it.
#[tokio::test]
async fn a_job_that_comes_to_an_idle_worker_begins_without_time_passing() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    assert_eq!(added.wait_until_finished(SECOND).await.unwrap(), 2);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_delayed_job_begins_when_it_is_due_and_not_when_the_next_poll_is() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .poll(25 * MS, 60 * SECOND)
        .processor::<Sum, _>(add_up);
    let worker = worker.start().await.unwrap();
    yard.clock.advance(300 * SECOND);
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    let added = yard.queue.add(sum(1, 1)).delay(700 * MS).await.unwrap();
    let due = yard.job(&added.id).await.delayed_until.unwrap();
    let job = yard.reaches(&added.id, State::Completed).await;
    let late = job.processed_at.unwrap().since(due);
    assert!(late <= 50 * MS, "{late:?}");
    worker.stop(SECOND).await;
}

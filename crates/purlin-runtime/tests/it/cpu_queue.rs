//! The queue: order, bounds, cancelling and deadlines.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use purlin_base::{Classified, Context, ErrorClass};
use purlin_runtime::CpuError;

use crate::gate::{Gate, poll_once, small_pool};

const MINUTE: Duration = Duration::from_secs(60);

fn context_for(time: Duration) -> Context {
    let deadline = tokio::time::Instant::now() + time;
    Context::builder().deadline(deadline.into_std()).build()
}

#[tokio::test]
async fn jobs_begin_in_the_order_in_which_they_were_accepted() {
    let pool = small_pool(8);
    let gate = Gate::hold(&pool).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut jobs: Vec<_> = (0..8)
        .map(|number| {
            let order = Arc::clone(&order);
            Box::pin(pool.run("note", move || order.lock().unwrap().push(number)))
        })
        .collect();
    for job in &mut jobs {
        assert!(poll_once(job).await.is_none());
    }
    gate.open().await;
    for job in jobs {
        job.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_who_does_not_want_to_wait() {
    let pool = small_pool(1);
    let gate = Gate::hold(&pool).await;
    let mut queued = Box::pin(pool.run("queued", || 1));
    assert!(poll_once(&mut queued).await.is_none());
    assert_eq!((pool.running(), pool.queued()), (1, 1));

    let error = pool.try_run("refused", || 2).await.unwrap_err();
    assert_eq!(error, CpuError::Full { queue_max: 1 });
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert_eq!(error.retry_after(), Some(CpuError::RETRY_AFTER));

    gate.open().await;
    assert_eq!(queued.await, Ok(1));
    assert_eq!(pool.try_run("taken", || 3).await, Ok(3));
}

#[tokio::test]
async fn a_full_queue_holds_back_who_waits_until_there_is_room() {
    let pool = small_pool(1);
    let gate = Gate::hold(&pool).await;
    let mut queued = Box::pin(pool.run("queued", || 1));
    let mut held_back = Box::pin(pool.run("held back", || 2));
    assert!(poll_once(&mut queued).await.is_none());
    assert!(poll_once(&mut held_back).await.is_none());
    assert_eq!(pool.queued(), 1);
    gate.open().await;
    assert_eq!((queued.await, held_back.await), (Ok(1), Ok(2)));
}

#[tokio::test]
async fn a_job_whose_caller_goes_away_leaves_the_queue_and_makes_room() {
    let pool = small_pool(1);
    let gate = Gate::hold(&pool).await;
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    let mut dropped = Box::pin(pool.run("dropped", move || drop(inside)));
    assert!(poll_once(&mut dropped).await.is_none());
    drop(dropped);
    assert_eq!(pool.queued(), 0);
    assert_eq!(
        Arc::strong_count(&captured),
        1,
        "what it held was not freed"
    );

    let mut next = Box::pin(pool.try_run("next", || 4));
    assert!(poll_once(&mut next).await.is_none());
    gate.open().await;
    assert_eq!(next.await, Ok(4));
}

#[tokio::test]
async fn nothing_is_queued_before_the_future_is_polled() {
    let pool = small_pool(1);
    let unpolled = pool.run("lazy", || ());
    assert_eq!((pool.queued(), pool.running()), (0, 0));
    drop(unpolled);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_has_not_begun_by_its_deadline_never_begins() {
    let pool = small_pool(2);
    let gate = Gate::hold(&pool).await;
    let began = Arc::new(());
    let inside = Arc::clone(&began);
    let late = context_for(MINUTE).scope(async { pool.run("late", move || drop(inside)).await });
    assert_eq!(late.await, Err(CpuError::Timeout { job: "late" }));
    assert_eq!(pool.queued(), 0);
    assert_eq!(Arc::strong_count(&began), 1);
    gate.open().await;
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_while_waiting_for_room_too() {
    let pool = small_pool(1);
    let gate = Gate::hold(&pool).await;
    let mut queued = Box::pin(pool.run("queued", || 1));
    assert!(poll_once(&mut queued).await.is_none());
    let late = context_for(MINUTE).scope(async { pool.run("late", || 2).await });
    let error = late.await.unwrap_err();
    assert_eq!(error, CpuError::Timeout { job: "late" });
    assert_eq!(error.class(), ErrorClass::Timeout);
    gate.open().await;
    assert_eq!(queued.await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_has_begun_is_waited_for_beyond_its_deadline() {
    let pool = small_pool(1);
    let gate = context_for(MINUTE).scope(Gate::hold(&pool)).await;
    let opened = async {
        tokio::time::sleep(2 * MINUTE).await; // Virtual time.
        gate.open().await;
    };
    opened.await;
}

#[tokio::test]
async fn a_job_whose_deadline_has_passed_when_its_turn_comes_does_not_begin() {
    let pool = small_pool(1);
    let past = Context::builder()
        .deadline(std::time::Instant::now())
        .build();
    let late = past.scope(async { pool.run("late", || ()).await });
    assert_eq!(late.await, Err(CpuError::Timeout { job: "late" }));
}

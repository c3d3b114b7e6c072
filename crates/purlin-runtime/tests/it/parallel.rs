//! One piece of work for many items.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
};

use purlin_base::{BoxError, Classified, Context};
use purlin_runtime::{CpuError, CpuPool, StopToken, Stopped, cpu::ParallelError};

use crate::gate::{poll_once, small_pool};

fn two_threads() -> CpuPool {
    CpuPool::builder().threads(2).build().unwrap()
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_items_whatever_ends_first() {
    let pool = two_threads();
    let double = |number: u32, _: &StopToken| {
        if number.is_multiple_of(2) {
            thread::yield_now();
        }
        Ok::<_, Stopped>(number * 2)
    };
    let doubled = pool.parallel_map("double", 0..1_000, double).await;
    let expected: Vec<_> = (0..1_000).map(|number| number * 2).collect();
    assert_eq!(doubled, Ok(expected));
    let none = pool.parallel_map("double", Vec::new(), double).await;
    assert_eq!(none, Ok(Vec::new()));
}

#[tokio::test]
async fn as_many_items_are_in_the_pool_as_it_has_threads() {
    let pool = two_threads();
    let taken = Arc::new(AtomicUsize::new(0));
    let ended = Arc::new(AtomicUsize::new(0));
    let (counts, ends) = (Arc::clone(&taken), Arc::clone(&ended));
    let items = (0..200).inspect(move |_| {
        let out = counts.fetch_add(1, SeqCst) + 1 - ended.load(SeqCst);
        assert!(out <= 2, "{out} items were out");
    });
    let work = move |_: u32, _: &StopToken| {
        ends.fetch_add(1, SeqCst);
        Ok::<_, Stopped>(())
    };
    pool.parallel_map("count", items, work).await.unwrap();
    assert_eq!(taken.load(SeqCst), 200);
}

#[tokio::test]
async fn the_first_failure_stops_the_rest_and_waits_for_what_had_begun() {
    let pool = two_threads();
    let (began, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (begins, stops) = (Arc::clone(&began), Arc::clone(&stopped));
    let work = move |item: usize, stop: &StopToken| {
        begins.fetch_add(1, SeqCst);
        if item == 1 {
            // The other has begun, so that there is one to be stopped.
            while begins.load(SeqCst) < 2 {
                thread::yield_now();
            }
            return Err("no".to_owned());
        }
        while !stop.is_stopped() {
            thread::yield_now();
        }
        stops.fetch_add(1, SeqCst);
        Ok(item)
    };
    let failed = pool.parallel_map("fail", 0..100, work).await;
    let (index, error) = (1, "no".to_owned());
    assert_eq!(failed, Err(ParallelError::Item { index, error }));
    assert_eq!((began.load(SeqCst), stopped.load(SeqCst)), (2, 1));
    assert_eq!((pool.running(), pool.queued()), (0, 0));
}

#[tokio::test]
async fn a_panic_is_an_error_with_its_item() {
    let pool = two_threads();
    let work = |item: u32, _: &StopToken| {
        assert!(item != 3, "three");
        Ok::<_, Stopped>(item)
    };
    let error = pool.parallel_map("panic", 0..10, work).await.unwrap_err();
    let (job, message) = ("panic", "three".to_owned());
    let expected = CpuError::Panicked { job, message };
    let (index, error) = match error {
        ParallelError::Job { index, error } => (index, error),
        other => panic!("{other:?}"),
    };
    assert_eq!((index, error), (3, expected));
}

#[tokio::test]
async fn a_failure_is_answered_as_what_failed() {
    let pool = two_threads();
    let refused = pool.parallel_map("stop", 0..1, |_, _| Err::<(), _>(Stopped));
    let error = refused.await.unwrap_err();
    assert_eq!(error.code(), "WORKER_STOPPED");
    pool.close().await;
    let closed = pool.parallel_map("late", 0..1, |_, _| Ok::<_, Stopped>(()));
    let error = closed.await.unwrap_err();
    assert_eq!(error.code(), "CPU_POOL_CLOSED");
    assert_eq!(
        error.to_string(),
        "item 0 was not computed: the CPU pool is closed"
    );
}

#[tokio::test]
async fn a_caller_who_goes_away_stops_all_of_it() {
    let pool = small_pool(4);
    let (begin, begun) = tokio::sync::mpsc::unbounded_channel();
    let mut begun = begun;
    let (tell, told) = mpsc::channel();
    let work = move |item: u32, stop: &StopToken| -> Result<(), BoxError> {
        begin.send(item)?;
        while !stop.is_stopped() {
            thread::yield_now();
        }
        tell.send(item)?;
        Ok(())
    };
    let mut map = Box::pin(pool.parallel_map("long", 0..10, work));
    assert!(poll_once(&mut map).await.is_none());
    assert_eq!(begun.recv().await, Some(0));
    drop(map);
    assert_eq!(told.recv(), Ok(0));
    assert_eq!(pool.run("next", || 1).await, Ok(1));
    assert!(begun.try_recv().is_err(), "no other item has begun");
}

#[tokio::test]
async fn each_item_runs_in_the_context_of_the_caller() {
    let pool = two_threads();
    let context = Context::builder().request_id("r-1").build();
    let look = |_, _: &StopToken| {
        Ok::<_, Stopped>(Context::with_current(|context| {
            context.request_id().to_owned()
        }))
    };
    let ids = context.scope(pool.parallel_map("look", 0..2, look)).await;
    let id = Some("r-1".to_owned());
    assert_eq!(ids, Ok(vec![id.clone(), id]));
}

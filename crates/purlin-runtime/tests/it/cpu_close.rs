//! A pool stops as it started.

use purlin_base::lifecycle::{Lifecycle, StopReason};
use purlin_runtime::CpuError;

use crate::gate::{Gate, poll_once, small_pool};

#[tokio::test]
async fn a_close_finishes_what_was_accepted_and_refuses_the_rest() {
    let pool = small_pool(1);
    let gate = Gate::hold(&pool).await;
    let mut accepted = Box::pin(pool.run("accepted", || 1));
    let mut held_back = Box::pin(pool.run("held back", || 2));
    assert!(poll_once(&mut accepted).await.is_none());
    assert!(poll_once(&mut held_back).await.is_none());

    let mut close = Box::pin(pool.close());
    assert!(poll_once(&mut close).await.is_none(), "a job is running");
    assert_eq!(held_back.await, Err(CpuError::Closed));
    assert_eq!(pool.run("new", || 3).await, Err(CpuError::Closed));
    assert_eq!(pool.try_run("new", || 3).await, Err(CpuError::Closed));

    gate.open().await;
    assert_eq!(accepted.await, Ok(1));
    close.await;
    pool.close().await; // Again: at once.
}

#[tokio::test]
async fn the_pool_closes_with_its_application() {
    let pool = small_pool(1);
    pool.on_application_shutdown(StopReason::Terminate)
        .await
        .unwrap();
    assert_eq!(pool.run("late", || ()).await, Err(CpuError::Closed));
}

#[tokio::test]
async fn an_unfinished_call_keeps_the_pool_open_after_the_last_handle_is_dropped() {
    let pool = small_pool(1);
    let gate = Gate::hold(&pool).await;
    let unpolled = pool.run("later", || 4);
    drop(pool);
    gate.open().await;
    assert_eq!(unpolled.await, Ok(4));
}

#[tokio::test]
async fn the_threads_end_when_nobody_holds_the_pool() {
    struct TellsWhenItsThreadEnds(std::sync::mpsc::Sender<()>);
    impl Drop for TellsWhenItsThreadEnds {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    thread_local! {
        static LAST_WORDS: std::cell::RefCell<Option<TellsWhenItsThreadEnds>> =
            const { std::cell::RefCell::new(None) };
    }
    let (tell, told) = std::sync::mpsc::channel();
    let pool = small_pool(1);
    let set = pool.run("set", move || {
        LAST_WORDS.set(Some(TellsWhenItsThreadEnds(tell)));
    });
    set.await.unwrap();
    drop(pool);
    told.recv().unwrap();
}

//! A pool of workers stops as it started.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::Duration,
};

use purlin_base::{
    Classified,
    lifecycle::{Lifecycle, StopReason},
};
use purlin_runtime::worker::{WorkerPool, WorkerPoolError, WorkerPoolStillRunning};
use tokio::sync::oneshot;

use crate::{
    gate::poll_once,
    worker_pool::{counting, hold},
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_close_finishes_what_was_accepted_and_refuses_the_rest() {
    let pool = counting(1);
    let open = hold(&pool).await;
    let mut accepted = Box::pin(pool.run("accepted", |_, _| 1));
    let mut held_back = Box::pin(pool.run("held back", |_, _| 2));
    assert!(poll_once(&mut accepted).await.is_none());
    assert!(poll_once(&mut held_back).await.is_none());
    let mut close = Box::pin(pool.close(MINUTE));
    assert!(poll_once(&mut close).await.is_none(), "a job is running");
    assert_eq!(held_back.await, Err(WorkerPoolError::Closed));
    let new = pool.run("new", |_, _| 3).await;
    assert_eq!(new, Err(WorkerPoolError::Closed));
    open.send(()).unwrap();
    assert_eq!(accepted.await, Ok(1));
    assert_eq!(close.await, Ok(()));
    assert_eq!(pool.close(MINUTE).await, Ok(()), "again: at once");
}

#[tokio::test]
async fn the_end_of_the_deadline_asks_what_runs_to_stop_and_drops_what_waits() {
    let pool = counting(4);
    let (begin, begun) = oneshot::channel();
    let running = pool.run("running", |_, stop| {
        begin.send(()).unwrap();
        while !stop.is_stopped() {
            thread::yield_now();
        }
        "stopped early"
    });
    let running = purlin_runtime::spawn(running);
    begun.await.unwrap();
    let mut waiting = Box::pin(pool.run("waiting", |_, _| ()));
    assert!(poll_once(&mut waiting).await.is_none());
    assert_eq!(pool.close(Duration::from_millis(1)).await, Ok(()));
    assert_eq!(running.await.unwrap(), Ok("stopped early"));
    assert_eq!(waiting.await, Err(WorkerPoolError::Closed));
}

/// The clock of the test jumps when nothing else can go on, so nobody waits.
#[tokio::test(start_paused = true)]
async fn a_job_that_loops_without_asking_is_said_to_run_on() {
    let pool = counting(1);
    let release = Arc::new(AtomicBool::new(false));
    let (released, (begin, begun)) = (Arc::clone(&release), oneshot::channel());
    let mut stuck = Box::pin(pool.run("stuck", move |_, _| {
        begin.send(()).unwrap();
        while !released.load(SeqCst) {
            thread::yield_now();
        }
    }));
    assert!(poll_once(&mut stuck).await.is_none());
    begun.await.unwrap();
    let error = pool.close(MINUTE).await.unwrap_err();
    assert_eq!(error, WorkerPoolStillRunning { jobs: 1 });
    assert_eq!(error.code(), "WORKER_POOL_STILL_RUNNING");
    release.store(true, SeqCst);
}

#[tokio::test]
async fn the_pool_closes_with_its_application() {
    let pool = counting(1);
    let stopped = pool.on_application_shutdown(StopReason::Terminate).await;
    stopped.unwrap();
    let late = pool.run("late", |_, _| ()).await;
    assert_eq!(late, Err(WorkerPoolError::Closed));
}

#[tokio::test]
async fn the_threads_end_and_drop_their_states_when_nobody_holds_the_pool() {
    struct TellsWhenDropped(mpsc::Sender<()>);
    impl Drop for TellsWhenDropped {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    let (tell, told) = mpsc::channel();
    let pool = WorkerPool::builder("short").threads(1);
    let pool = pool.build(move || TellsWhenDropped(tell.clone())).unwrap();
    pool.run("make", |_, _| ()).await.unwrap();
    drop(pool);
    told.recv().unwrap();
}

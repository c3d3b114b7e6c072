//! Threads that keep a state: order, bounds, cancelling, deadlines, panics.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use purlin_base::{Classified, Context};
use purlin_runtime::{
    StopToken,
    worker::{Priority, WorkerPool, WorkerPoolError},
};
use tokio::sync::oneshot;

use crate::gate::poll_once;

const MINUTE: Duration = Duration::from_secs(60);

/// One thread that counts its jobs.
pub(crate) fn counting(queue_max: usize) -> WorkerPool<u32> {
    let builder = WorkerPool::builder("count").threads(1);
    builder.queue_max(queue_max).build(|| 0).unwrap()
}

/// Occupies the only thread until what is returned is used, and waits until it is occupied.
pub(crate) async fn hold(pool: &WorkerPool<u32>) -> mpsc::Sender<()> {
    let (open, opened) = mpsc::channel::<()>();
    let (begin, begun) = oneshot::channel();
    let held = pool.run("held", move |_, _| {
        begin.send(()).unwrap();
        opened.recv().unwrap();
    });
    // In a task, so that it goes on beside the test.
    purlin_runtime::spawn(held);
    begun.await.unwrap();
    open
}

#[tokio::test]
async fn a_thread_keeps_its_state_from_job_to_job() {
    let pool = counting(8);
    let count = |count: &mut u32, _: &StopToken| {
        *count += 1;
        *count
    };
    for expected in 1..=3 {
        assert_eq!(pool.run("count", count).await, Ok(expected));
    }
    assert_eq!(pool.try_run("count", count).await, Ok(4));
}

#[tokio::test]
async fn a_state_is_made_when_the_first_job_comes_and_stays_on_its_thread() {
    let made = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&made);
    let pool = WorkerPool::builder("lazy").threads(1);
    let pool = pool
        .build(move || {
            notes.lock().unwrap().push(thread::current().id());
            std::rc::Rc::new(5) // It cannot be sent to another thread.
        })
        .unwrap();
    assert_eq!(made.lock().unwrap().len(), 0);
    let thread = pool.run("look", |state, _| (**state, thread::current().id()));
    let (state, thread) = thread.await.unwrap();
    assert_eq!((state, &*made.lock().unwrap()), (5, &vec![thread]));
}

#[tokio::test]
async fn urgent_jobs_begin_first_and_equals_in_their_order() {
    let pool = counting(8);
    let open = hold(&pool).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let job = |name: &'static str, priority| {
        let order = Arc::clone(&order);
        let job = pool.job(name).priority(priority);
        Box::pin(job.run(move |_, _| order.lock().unwrap().push(name)))
    };
    let mut jobs = [
        job("low", Priority::Low),
        job("first", Priority::Normal),
        job("second", Priority::default()),
        job("urgent", Priority::High),
    ];
    for job in &mut jobs {
        assert!(poll_once(job).await.is_none());
    }
    open.send(()).unwrap();
    for job in jobs {
        job.await.unwrap();
    }
    let order = order.lock().unwrap();
    assert_eq!(*order, ["urgent", "first", "second", "low"]);
}

#[tokio::test]
async fn a_full_queue_refuses_or_holds_back() {
    let pool = counting(1);
    let open = hold(&pool).await;
    let mut queued = Box::pin(pool.run("queued", |_, _| 1));
    let mut held_back = Box::pin(pool.run("held back", |_, _| 2));
    assert!(poll_once(&mut queued).await.is_none());
    assert!(poll_once(&mut held_back).await.is_none());
    assert_eq!((pool.running(), pool.queued()), (1, 1));
    let error = pool.try_run("refused", |_, _| 3).await.unwrap_err();
    assert_eq!(error, WorkerPoolError::Full { queue_max: 1 });
    assert_eq!(error.retry_after(), Some(WorkerPoolError::RETRY_AFTER));
    open.send(()).unwrap();
    assert_eq!((queued.await, held_back.await), (Ok(1), Ok(2)));
}

#[tokio::test]
async fn a_job_whose_caller_goes_away_leaves_the_queue() {
    let pool = counting(1);
    let open = hold(&pool).await;
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    let mut dropped = Box::pin(pool.run("dropped", move |_, _| drop(inside)));
    assert!(poll_once(&mut dropped).await.is_none());
    drop(dropped);
    assert_eq!((pool.queued(), Arc::strong_count(&captured)), (0, 1));
    open.send(()).unwrap();
}

/// A job that runs until it is asked to stop, and then says so.
fn until_asked(
    begin: oneshot::Sender<()>,
    asked: mpsc::Sender<&'static str>,
) -> impl FnOnce(&mut u32, &StopToken) -> u32 + Send + 'static {
    move |_, stop| {
        begin.send(()).unwrap();
        while !stop.is_stopped() {
            thread::yield_now();
        }
        asked.send("asked").unwrap();
        7
    }
}

#[tokio::test]
async fn a_job_that_runs_is_asked_to_stop_when_its_caller_goes_away() {
    let pool = counting(1);
    let (begin, begun) = oneshot::channel();
    let (tell, told) = mpsc::channel();
    let mut job = Box::pin(pool.run("long", until_asked(begin, tell)));
    assert!(poll_once(&mut job).await.is_none());
    begun.await.unwrap();
    drop(job);
    assert_eq!(told.recv(), Ok("asked"));
    assert_eq!(pool.run("next", |_, _| 1).await, Ok(1));
}

/// The clock of the test jumps to the deadline as soon as nothing else can go on.
#[tokio::test(start_paused = true)]
async fn a_job_that_runs_beyond_its_deadline_is_asked_to_stop_and_its_caller_waits_no_longer() {
    let pool = counting(1);
    let (begin, begun) = oneshot::channel();
    let (tell, told) = mpsc::channel();
    let deadline = tokio::time::Instant::now() + MINUTE;
    let job = pool.job("long").deadline(deadline.into_std());
    let mut job = Box::pin(job.run(until_asked(begin, tell)));
    assert!(poll_once(&mut job).await.is_none());
    begun.await.unwrap();
    let error = job.await.unwrap_err();
    let (job, begun) = ("long", true);
    assert_eq!(error, WorkerPoolError::Timeout { job, begun });
    assert_eq!(error.code(), "WORKER_POOL_TIMEOUT");
    assert_eq!(told.recv(), Ok("asked"));
}

#[tokio::test]
async fn a_job_knows_its_deadline() {
    let pool = counting(1);
    let deadline = Instant::now() + MINUTE;
    let job = pool.job("look").deadline(deadline);
    let known = job.run(|_, stop| (stop.deadline(), stop.is_stopped()));
    assert_eq!(known.await, Ok((Some(deadline), false)));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_has_not_begun_by_its_deadline_never_begins() {
    let pool = counting(2);
    let open = hold(&pool).await;
    let captured = Arc::new(());
    let inside = Arc::clone(&captured);
    let deadline = tokio::time::Instant::now() + MINUTE;
    let job = pool.job("late").deadline(deadline.into_std());
    let late = job.run(move |_, _| drop(inside)).await;
    let (job, begun) = ("late", false);
    assert_eq!(late, Err(WorkerPoolError::Timeout { job, begun }));
    assert_eq!((pool.queued(), Arc::strong_count(&captured)), (0, 1));
    open.send(()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_context_holds_too_and_a_later_one_does_not_lift_it() {
    let pool = counting(1);
    let open = hold(&pool).await;
    let deadline = tokio::time::Instant::now() + MINUTE;
    let context = Context::builder().deadline(deadline.into_std()).build();
    let late = context.scope(async {
        let job = pool.job("late");
        let much_later = deadline.into_std() + 60 * MINUTE;
        job.deadline(much_later).run(|_, _| ()).await
    });
    let (job, begun) = ("late", false);
    assert_eq!(late.await, Err(WorkerPoolError::Timeout { job, begun }));
    open.send(()).unwrap();
}

#[tokio::test]
async fn a_job_runs_in_the_context_of_its_caller() {
    let pool = counting(1);
    let context = Context::builder().request_id("r-1").build();
    let job = context.scope(async {
        let look =
            |_: &mut u32, _: &StopToken| Context::with_current(|c| c.request_id().to_owned());
        pool.run("look", look).await
    });
    assert_eq!(job.await, Ok(Some("r-1".to_owned())));
}

#[tokio::test]
async fn a_panic_is_an_error_with_its_place_and_the_thread_is_replaced() {
    let pool = counting(4);
    let thread = |count: &mut u32, _: &StopToken| {
        *count += 1;
        (*count, thread::current().id())
    };
    let (count, before) = pool.run("before", thread).await.unwrap();
    assert_eq!(count, 1);
    let error = pool.run("fault", |_, _| -> () { panic!("no {}", 7) });
    let Err(WorkerPoolError::Panicked {
        job,
        message,
        place,
    }) = error.await
    else {
        panic!("it panicked");
    };
    assert_eq!((job, message.as_str()), ("fault", "no 7"));
    assert!(place.unwrap().contains("tests/it/worker_pool.rs:"));
    let (count, after) = pool.run("after", thread).await.unwrap();
    assert_eq!(count, 1, "a new state");
    assert_ne!(before, after, "a new thread");
    assert_eq!((pool.panics(), pool.running()), (1, 0));
}

#[tokio::test]
async fn a_hundred_panics_at_once_leave_the_pool_as_it_was() {
    let pool = WorkerPool::builder("faulty")
        .threads(2)
        .build(|| ())
        .unwrap();
    let jobs: Vec<_> = (0..100)
        .map(|_| purlin_runtime::spawn(pool.run("fault", |(), _| -> () { panic!("again") })))
        .collect();
    for job in jobs {
        let outcome = job.await.unwrap();
        assert!(matches!(outcome, Err(WorkerPoolError::Panicked { .. })));
    }
    assert_eq!(pool.panics(), 100);
    assert_eq!(pool.run("next", |(), _| 1).await, Ok(1));
    pool.close(MINUTE).await.unwrap();
}

#[tokio::test]
async fn a_state_that_cannot_be_made_is_an_error_of_its_job_alone() {
    let tries = Arc::new(AtomicUsize::new(0));
    let tried = Arc::clone(&tries);
    let pool = WorkerPool::builder("picky").threads(1);
    let pool = pool
        .build(move || match tried.fetch_add(1, SeqCst) {
            0 => panic!("not yet"),
            tries => tries,
        })
        .unwrap();
    let error = pool.run("first", |state, _| *state).await.unwrap_err();
    assert_eq!(error.code(), "WORKER_POOL_INIT");
    assert!(error.to_string().contains("not yet"), "{error}");
    assert_eq!(pool.run("second", |state, _| *state).await, Ok(1));
}

#[test]
fn options_out_of_their_bounds_are_refused() {
    let refused = |builder: purlin_runtime::worker::WorkerPoolBuilder| {
        let error = builder.build(|| ()).unwrap_err();
        assert_eq!(error.code(), "WORKER_OPTION");
        error.to_string()
    };
    let pool = || WorkerPool::builder("p");
    assert_eq!(
        refused(pool().threads(0)),
        "`threads` of the worker is 0, expected 1 to 1024"
    );
    refused(pool().queue_max(0));
    refused(pool().stack_bytes(1));
    refused(pool().niceness(20));
    refused(WorkerPool::builder(""));
}

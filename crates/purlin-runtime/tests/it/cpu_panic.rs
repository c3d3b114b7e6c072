//! Panics stay inside the job.

use purlin_base::{Classified, ErrorClass};
use purlin_runtime::CpuError;

use crate::gate::{Gate, poll_once, small_pool};

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[tokio::test]
async fn a_panic_is_an_error_with_its_message_and_the_thread_goes_on() {
    let pool = small_pool(1);
    let error = pool.run("resize", || panic!("no {}", "pixels")).await;
    let error: CpuError = Result::<(), _>::unwrap_err(error);
    let (job, message) = ("resize", "no pixels".to_owned());
    assert_eq!(error, CpuError::Panicked { job, message });
    assert_eq!(error.class(), ErrorClass::Internal);
    assert_eq!(error.public_detail(), None, "callers must not read it");

    assert_eq!(pool.run("next", || 5).await, Ok(5));
    assert_eq!((pool.panics(), pool.running()), (1, 0));
}

#[tokio::test]
async fn a_long_message_is_cut_and_a_panic_without_one_says_so() {
    let pool = small_pool(1);
    let long = "ä".repeat(CpuError::PANIC_MESSAGE_BYTES_MAX);
    let cut = pool.run("long", move || -> () { panic!("{long}") });
    let Err(CpuError::Panicked { message, .. }) = cut.await else {
        panic!("it panicked");
    };
    assert_eq!(message.len(), CpuError::PANIC_MESSAGE_BYTES_MAX);

    let none = pool.run("none", || -> () {
        std::panic::panic_any(PanicsWhenDropped)
    });
    let Err(CpuError::Panicked { message, .. }) = none.await else {
        panic!("it panicked");
    };
    assert_eq!(message, "(no message)");
    assert_eq!(pool.run("next", || 6).await, Ok(6));
}

#[tokio::test]
async fn an_answer_that_panics_when_nobody_takes_it_does_not_end_the_thread() {
    let pool = small_pool(2);
    let gate = Gate::hold(&pool).await;
    // The gate's caller goes away while the job runs; a job behind it gives the same kind of
    // answer to nobody.
    let (begin, begun) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
    let mut abandoned = Box::pin(pool.run("abandoned", move || {
        begin.send(()).unwrap();
        goes_on.recv().unwrap();
        PanicsWhenDropped
    }));
    assert!(poll_once(&mut abandoned).await.is_none());
    gate.open().await;
    begun.await.unwrap();
    drop(abandoned);
    go_on.send(()).unwrap();
    assert_eq!(pool.run("next", || 7).await, Ok(7));
}

//! What becomes of a job by what its processor does.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::SeqCst},
};

use purlin_queue::{Backoff, JobContext, JobError, JobOptions, Payload, State, job::FailureCause};

use super::yard::{MS, SECOND, Sum, Yard, add_up, sum};

#[tokio::test]
async fn a_job_is_run_and_its_result_kept() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 2)).await.unwrap();
    let job = yard.reaches(&added.id, State::Completed).await;
    assert_eq!(job.result.unwrap().decode::<u32>().unwrap(), 3);
    assert_eq!((job.attempts_started, job.attempts_made), (1, 1));
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_failed_attempt_is_followed_by_another_after_the_backoff() {
    let yard = Yard::new();
    let process = async |_: Sum, context: JobContext| match context.attempt() {
        3 => Ok(3),
        _ => Err(JobError::failed("not yet")),
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let add = yard.queue.add(sum(1, 2)).attempts(3);
    let added = add.backoff(Backoff::fixed(10 * SECOND)).await.unwrap();
    let job = yard.reaches(&added.id, State::Delayed).await;
    assert_eq!(job.failure.unwrap().reason, "not yet");
    assert_eq!(job.attempts_made, 1);
    yard.clock.advance(9 * SECOND);
    assert_eq!(yard.job(&added.id).await.state, State::Delayed);
    yard.until_by(SECOND, "it is completed", async || {
        yard.job(&added.id).await.state == State::Completed
    })
    .await;
    assert_eq!(yard.job(&added.id).await.attempts_made, 3);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn the_last_attempt_that_fails_is_the_end_and_says_every_cause() {
    let yard = Yard::new();
    let process = async |_: Sum, _: JobContext| {
        let broken = std::io::Error::new(std::io::ErrorKind::BrokenPipe, "the pipe broke");
        Err::<u32, _>(JobError::from(purlin_queue::QueueError::Store {
            engine: "mailer",
            source: broken.into(),
        }))
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 2)).attempts(2).await.unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    let failure = job.failure.unwrap();
    assert_eq!(failure.cause, FailureCause::Error);
    assert_eq!(failure.reason, "the mailer store failed: the pipe broke");
    assert_eq!(job.attempts_made, 2);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt_and_the_worker_goes_on() {
    let yard = Yard::new();
    let process = async |job: Sum, _: JobContext| {
        assert!(job.a > 0, "there is no {}", job.a);
        Ok(job.a)
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let bad = yard.queue.add(sum(0, 0)).await.unwrap();
    let good = yard.queue.add(sum(5, 0)).await.unwrap();
    let job = yard.reaches(&bad.id, State::Failed).await;
    assert_eq!(job.failure.unwrap().reason, "panicked: there is no 0");
    assert_eq!(job.crashes, 0);
    yard.reaches(&good.id, State::Completed).await;
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn unrecoverable_means_no_other_attempt() {
    let yard = Yard::new();
    let process =
        async |_: Sum, _: JobContext| Err::<u32, _>(JobError::unrecoverable("never again"));
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 2)).attempts(9).await.unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    assert_eq!(job.attempts_made, 1);
    assert_eq!(job.failure.unwrap().cause, FailureCause::Unrecoverable);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_snooze_costs_no_attempt() {
    let yard = Yard::new();
    let calls = Arc::new(AtomicU32::new(0));
    let process = {
        let calls = Arc::clone(&calls);
        move |_: Sum, context: JobContext| {
            let calls = Arc::clone(&calls);
            async move {
                assert_eq!(context.attempt(), 1);
                match calls.fetch_add(1, SeqCst) {
                    0..3 => Err(JobError::snooze(20 * MS)),
                    _ => Ok(1),
                }
            }
        }
    };
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 2)).await.unwrap();
    let job = yard.reaches(&added.id, State::Completed).await;
    assert_eq!(calls.load(SeqCst), 4);
    assert_eq!((job.attempts_started, job.attempts_made), (1, 1));
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn what_takes_too_long_is_told_to_stop_then_dropped_and_failed_by_timeout() {
    let yard = Yard::new();
    let told = Arc::new(AtomicU32::new(0));
    struct CountDrop(Arc<AtomicU32>);
    impl Drop for CountDrop {
        fn drop(&mut self) {
            self.0.fetch_add(100, SeqCst);
        }
    }
    let process = {
        let told = Arc::clone(&told);
        move |_: Sum, context: JobContext| {
            let told = Arc::clone(&told);
            async move {
                let _dropped = CountDrop(Arc::clone(&told));
                context.cancelled().await;
                told.fetch_add(1, SeqCst);
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
    let added = yard.queue.add(sum(1, 2)).timeout(50 * MS).await.unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    let failure = job.failure.unwrap();
    assert_eq!(failure.cause, FailureCause::Timeout);
    assert_eq!(failure.reason, "the attempt took longer than 50ms");
    assert_eq!(told.load(SeqCst), 101);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_has_failed_at_once() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    let options = JobOptions {
        attempts: 5,
        ..JobOptions::default()
    };
    let data = Payload::from_json(r#"{"a":"one"}"#);
    let added = yard.queue.add_raw("sum", data, options).await.unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    let failure = job.failure.unwrap();
    assert_eq!(failure.cause, FailureCause::Undecodable);
    assert!(failure.reason.contains("invalid type"), "{failure:?}");
    assert_eq!(job.attempts_made, 1);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_backoff_of_the_workers_own_sees_the_failure() {
    let yard = Yard::new();
    let process = async |_: Sum, _: JobContext| Err::<u32, _>(JobError::failed("busy"));
    let worker = yard
        .worker()
        .processor::<Sum, _>(process)
        .backoff("by-words", |failed| {
            assert_eq!(failed.failure.reason, "busy");
            failed.delay * failed.attempts_made
        })
        .start()
        .await
        .unwrap();
    let backoff = Backoff::custom("by-words", 40 * SECOND);
    let added = yard
        .queue
        .add(sum(1, 1))
        .attempts(2)
        .backoff(backoff)
        .await
        .unwrap();
    let job = yard.reaches(&added.id, State::Delayed).await;
    let wait = job.delayed_until.unwrap().since(job.processed_at.unwrap());
    assert!(wait >= 40 * SECOND && wait < 41 * SECOND, "{wait:?}");
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn a_result_over_the_bound_is_a_failure_that_says_so() {
    let yard = Yard::with(|config| config.payload_bytes_max = 100);
    let worker = yard
        .worker()
        .raw("big", async |_: purlin_queue::RawJob, _: JobContext| {
            Ok(Payload::of(&"x".repeat(200)).unwrap())
        })
        .start()
        .await
        .unwrap();
    let options = JobOptions::default();
    let added = yard
        .queue
        .add_raw("big", Payload::null(), options)
        .await
        .unwrap();
    let job = yard.reaches(&added.id, State::Failed).await;
    let reason = job.failure.unwrap().reason;
    assert_eq!(reason, "the result of 202 bytes is over the bound of 100");
    worker.stop(SECOND).await;
}

//! Jobs that a worker does not know, and options that are none.

use std::time::Duration;

use purlin_queue::{
    Job, JobContext, JobError, JobOptions, Payload, QueueError, RawJob, State, Worker,
    store::Limits,
};
use serde::{Deserialize, Serialize};

use super::yard::{HOUR, MS, SECOND, Sum, Yard, add_up, sum};

#[tokio::test]
async fn an_unknown_name_is_left_for_another_worker_with_the_reason() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    let data = Payload::null();
    let added = yard
        .queue
        .add_raw("later", data, JobOptions::default())
        .await
        .unwrap();
    let job = yard.reaches(&added.id, State::Delayed).await;
    assert_eq!((job.attempts_started, job.attempts_made), (0, 0));
    let log = yard.queue.logs(&added.id, 0, 10).await.unwrap();
    assert_eq!(log.lines, [r#"the worker has no processor of "later""#]);
    worker.stop(SECOND).await;

    let newer = yard
        .worker()
        .raw("later", async |job: RawJob, _: JobContext| Ok(job.data));
    let newer = newer.start().await.unwrap();
    yard.clock.advance(30 * SECOND);
    yard.reaches(&added.id, State::Completed).await;
    newer.stop(SECOND).await;
}

#[derive(Serialize, Deserialize)]
struct NewSum {
    terms: Vec<u32>,
}

impl Job for NewSum {
    const NAME: &'static str = "sum";
    const VERSION: u32 = 2;
    const QUEUE: &'static str = "sums";
    type Output = u32;
}

#[tokio::test]
async fn a_newer_version_is_left_for_a_newer_worker_and_an_older_one_is_not() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    let new = yard.queue.add(NewSum { terms: vec![1, 2] }).await.unwrap();
    yard.reaches(&new.id, State::Delayed).await;
    let log = yard.queue.logs(&new.id, 0, 10).await.unwrap();
    let said = r#"version 2 of "sum" is newer than version 1, which the worker knows"#;
    assert_eq!(log.lines, [said]);
    worker.stop(SECOND).await;

    let process = async |job: NewSum, _: JobContext| Ok(job.terms.iter().sum());
    let newer = yard
        .worker()
        .processor::<NewSum, _>(process)
        .start()
        .await
        .unwrap();
    yard.clock.advance(30 * SECOND);
    yard.reaches(&new.id, State::Completed).await;
    newer.stop(SECOND).await;
}

#[tokio::test]
async fn a_fallback_does_what_nobody_else_does() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .fallback(async |job: RawJob, _: JobContext| Ok(Payload::of(&job.name)?))
        .start()
        .await
        .unwrap();
    let options = JobOptions::default;
    let other = yard
        .queue
        .add_raw("other", Payload::null(), options())
        .await
        .unwrap();
    let result = yard
        .reaches(&other.id, State::Completed)
        .await
        .result
        .unwrap();
    assert_eq!(result.as_str(), "\"other\"");
    let known = yard.queue.add(sum(2, 2)).await.unwrap();
    let result = yard
        .reaches(&known.id, State::Completed)
        .await
        .result
        .unwrap();
    assert_eq!(result.as_str(), "4");
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn options_out_of_their_bounds_are_refused_with_the_bounds() {
    let yard = Yard::new();
    let with = || yard.worker().processor::<Sum, _>(add_up);
    let twice = with().processor::<Sum, _>(add_up);
    let refused = [
        (with().concurrency(0), "concurrency: 1 to 10000"),
        (with().lease(MS), "lease: 50 ms to an hour"),
        (with().lease(2 * HOUR), "lease: 50 ms to an hour"),
        (
            with().poll(SECOND, MS),
            "poll: 1 ms to a minute, the first at most the last",
        ),
        (with().timeout(Duration::ZERO), "timeout: 1 ms to a week"),
        (twice, "processor: one for each name of a job"),
        (yard.worker(), "processor: at least one, or a fallback"),
    ];
    for (builder, expected) in refused {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.to_string(), format!("option {expected}"));
    }
    let named = Worker::builder(yard.store.clone(), "with spaces")
        .start()
        .await;
    assert!(matches!(named, Err(QueueError::Name { .. })));
}

#[tokio::test]
async fn limits_given_at_the_start_hold_for_the_queue() {
    let yard = Yard::new();
    let limits = Limits {
        concurrency: Some(2),
        ..Limits::default()
    };
    let wait = async |_: Sum, context: JobContext| {
        context.cancelled().await;
        Err::<u32, _>(JobError::Cancelled)
    };
    let worker = yard.worker().concurrency(10).limits(limits.clone());
    let worker = worker.processor::<Sum, _>(wait).start().await.unwrap();
    yard.queue
        .add_bulk((0..5).map(|at| yard.queue.add(sum(at, 0))))
        .await
        .unwrap();
    yard.until("two run", async || {
        yard.queue.counts().await.unwrap().active == 2
    })
    .await;
    for _ in 0..200 {
        yard.clock.advance(MS);
        tokio::task::yield_now().await;
    }
    assert_eq!(worker.running(), 2);
    assert_eq!(yard.queue.queues().list().await.unwrap()[0].limits, limits);
    drop(worker);
}

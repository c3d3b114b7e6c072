//! What is added, and what is refused at the call.

use std::{sync::Arc, time::Duration};

use purlin_base::Timestamp;
use purlin_queue::{
    Dedup, JobOptions, Keep, Payload, QueueError, State,
    job::Start,
    metrics::{JobCounters, ProcessedAs},
    store::{EventKind, Repeat},
};

use super::yard::{HOUR, SECOND, Sum, Yard, add_up, sum};

#[tokio::test]
async fn every_option_arrives_as_it_was_set() {
    let yard = Yard::new();
    let moment = Timestamp::from_unix_micros(4_000_000_000_000_000);
    let add = yard
        .queue
        .add(sum(1, 1))
        .at(moment)
        .priority(7)
        .lifo()
        .attempts(4);
    let add = add
        .timeout(SECOND)
        .id("mine")
        .tag("a")
        .tag("b")
        .tenant("acme")
        .key("k");
    let add = add
        .keep_completed(Keep::NOTHING)
        .keep_failed(Keep::default())
        .crashes_max(2);
    let added = add.await.unwrap();
    assert_eq!((&*added.id, added.is_new), ("mine", true));
    let job = yard.job("mine").await;
    assert_eq!(job.state, State::Delayed);
    let expected = JobOptions {
        start: Start::At(moment),
        priority: 7,
        lifo: true,
        attempts: 4,
        timeout: Some(SECOND),
        id: Some("mine".to_owned()),
        tags: vec!["a".to_owned(), "b".to_owned()],
        tenant: Some("acme".to_owned()),
        key: Some("k".to_owned()),
        keep_completed: Some(Keep::NOTHING),
        keep_failed: Some(Keep::default()),
        crashes_max: 2,
        ..JobOptions::default()
    };
    assert_eq!(job.options, expected);
    assert_eq!(yard.queue.tagged("b", 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn bad_input_is_a_typed_error_and_adds_nothing() {
    let yard = Yard::with(|config| {
        config.payload_bytes_max = 64;
        config.bulk_max = 2;
    });
    let queue = &yard.queue;
    let add = || queue.add(sum(1, 1));
    let refused = [
        (add().id("a:b").await, "QUEUE_NAME"),
        (add().id("17").await, "QUEUE_NAME"),
        (add().id("").await, "QUEUE_NAME"),
        (add().tenant("\n").await, "QUEUE_NAME"),
        (add().dedup(Dedup::simple("")).await, "QUEUE_NAME"),
        (add().priority(2_097_152).await, "QUEUE_OPTION"),
        (add().attempts(0).await, "QUEUE_OPTION"),
        (add().attempts(1001).await, "QUEUE_OPTION"),
        (add().delay(Duration::MAX).await, "QUEUE_OPTION"),
        (add().timeout(Duration::ZERO).await, "QUEUE_OPTION"),
    ];
    for (outcome, code) in refused {
        use purlin_base::Classified as _;
        assert_eq!(outcome.unwrap_err().code(), code);
    }
    let raw = async |name: &str, text: String| {
        let data = Payload::from_json(text);
        queue
            .add_raw(name, data, JobOptions::default())
            .await
            .unwrap_err()
    };
    let large = raw("x", format!("\"{}\"", "y".repeat(70))).await;
    assert!(
        matches!(large, QueueError::TooLarge { size: 72, max: 64 }),
        "{large}"
    );
    let named = raw(&"n".repeat(129), "null".to_owned()).await;
    assert!(
        matches!(named, QueueError::Name { what: "job", .. }),
        "{named}"
    );
    for name in ["", "a:b", "a b", "ü"] {
        let named = queue.queues().queue(name);
        assert!(
            matches!(named, Err(QueueError::Name { what: "queue", .. })),
            "{name}"
        );
    }
    let many = queue.add_bulk((0..3).map(|_| add())).await;
    assert!(matches!(
        many,
        Err(QueueError::Option { option: "bulk", .. })
    ));
    let half = queue.add_bulk([add(), add().attempts(0)]).await;
    assert!(matches!(
        half,
        Err(QueueError::Option {
            option: "attempts",
            ..
        })
    ));
    assert_eq!(queue.counts().await.unwrap(), Default::default());
}

#[tokio::test]
async fn a_second_job_of_an_id_is_the_first() {
    let yard = Yard::new();
    assert!(yard.queue.add(sum(1, 1)).id("one").await.unwrap().is_new);
    let second = yard.queue.add(sum(2, 2)).id("one").await.unwrap();
    assert_eq!((&*second.id, second.is_new), ("one", false));
    let first = yard
        .queue
        .add(sum(1, 1))
        .dedup(Dedup::simple("k"))
        .await
        .unwrap();
    let second = yard
        .queue
        .add(sum(1, 1))
        .dedup(Dedup::simple("k"))
        .await
        .unwrap();
    assert_eq!((second.id, second.is_new), (first.id, false));
}

#[tokio::test]
async fn waiting_for_a_job_answers_its_result_its_failure_or_that_time_is_over() {
    let yard = Yard::new();
    let slow = yard.queue.add(sum(1, 2)).await.unwrap();
    let over = {
        let waits = slow.wait_until_finished(SECOND);
        let clock = yard.clock.clone();
        let passes = async {
            loop {
                clock.advance(SECOND / 10);
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            outcome = waits => outcome.unwrap_err(),
            () = passes => unreachable!("it goes on for ever"),
        }
    };
    assert!(
        matches!(over, QueueError::TimedOut { waited: SECOND }),
        "{over}"
    );

    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    yard.reaches(&slow.id, State::Completed).await;
    assert_eq!(slow.wait_until_finished(SECOND).await.unwrap(), 3);
    yard.queue
        .add(sum(1, 2))
        .id("buried")
        .delay(HOUR)
        .await
        .unwrap();
    yard.queue.bury("buried", "out of date").await.unwrap();
    let failed = yard
        .queue
        .wait_for_result("buried", SECOND)
        .await
        .unwrap_err();
    assert_eq!(failed.to_string(), "job \"buried\" failed: out of date");
    let gone = yard
        .queue
        .wait_for_result("nobody", SECOND)
        .await
        .unwrap_err();
    assert!(matches!(gone, QueueError::NotFound { .. }));
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn whoever_waits_in_the_same_process_is_told_without_time_passing() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    // The clock stands still: only the hint can end the wait.
    let added = yard.queue.add(sum(20, 2)).await.unwrap();
    assert_eq!(added.wait_until_finished(SECOND).await.unwrap(), 22);
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn events_are_read_from_the_subscription_on_in_their_order() {
    let yard = Yard::new();
    yard.queue.add(sum(0, 0)).id("before").await.unwrap();
    let mut events = yard.queue.events().await.unwrap();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    yard.queue.add(sum(1, 1)).id("after").await.unwrap();
    yard.reaches("after", State::Completed).await;
    let mut kinds = Vec::new();
    while kinds.last() != Some(&EventKind::Completed(Payload::from_json("2"))) {
        let event = events.next().await.unwrap();
        if event.job == "after" {
            kinds.push(event.kind);
        }
    }
    assert_eq!(kinds[0], EventKind::Added);
    assert!(kinds.contains(&EventKind::Active));
    assert!(events.ready().await.unwrap().is_empty());
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn jobs_are_counted_by_queue_name_and_outcome_in_a_bounded_table() {
    let counters = Arc::new(JobCounters::new());
    let yard = Yard::with(|config| config.observer = Some(counters.clone()));
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    let added = yard.queue.add(sum(1, 1)).await.unwrap();
    yard.reaches(&added.id, State::Completed).await;
    worker.stop(SECOND).await;
    let counts = counters.counts();
    let of_sums = &counts[&("sums".to_owned(), "sum".to_owned())];
    assert_eq!((of_sums.sent, of_sums.of(ProcessedAs::Completed)), (1, 1));
    assert_eq!(of_sums.attempts(), 1);
    for at in 0..400 {
        purlin_queue::metrics::JobObserver::sent(&*counters, "sums", &format!("n{at}"), true);
    }
    let counts = counters.counts();
    assert_eq!(counts.len(), purlin_queue::metrics::PAIRS_MAX + 1);
    let other = &counts[&("other".to_owned(), "other".to_owned())];
    assert_eq!(
        other.sent,
        400 - (purlin_queue::metrics::PAIRS_MAX as u64 - 1)
    );
}

#[tokio::test]
async fn a_schedule_ticks_and_is_removed() {
    let yard = Yard::new();
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    let schedules = yard.queue.schedules();
    let every = Repeat::Every(10 * SECOND);
    yard.clock.advance(SECOND);
    let next = schedules
        .upsert("ten", every.clone(), sum(1, 1))
        .attempts(2)
        .await
        .unwrap();
    assert_eq!(next.to_string(), "2026-11-24T12:00:10Z");
    yard.until_by(SECOND, "three were run", async || {
        yard.queue.counts().await.unwrap().completed >= 3
    })
    .await;
    let state = schedules.list().await.unwrap().remove(0);
    assert!(state.ticks >= 3);
    let own = schedules.upsert("ten", every, sum(1, 1)).id("x").await;
    assert!(matches!(own, Err(QueueError::Option { option: "id", .. })));
    assert!(schedules.remove("ten").await.unwrap());
    assert!(schedules.list().await.unwrap().is_empty());
    worker.stop(SECOND).await;
}

#[tokio::test]
async fn operators_pause_promote_retry_clean_and_drain() {
    let yard = Yard::new();
    let queue = &yard.queue;
    let worker = yard
        .worker()
        .processor::<Sum, _>(add_up)
        .start()
        .await
        .unwrap();
    queue.pause().await.unwrap();
    let later = queue.add(sum(1, 1)).delay(HOUR).await.unwrap();
    queue.promote(&later.id).await.unwrap();
    assert_eq!(yard.job(&later.id).await.state, State::Waiting);
    queue.resume().await.unwrap();
    yard.reaches(&later.id, State::Completed).await;
    queue.retry(&later.id).await.unwrap();
    yard.until("it ran again", async || {
        let job = yard.job(&later.id).await;
        job.state == State::Completed && job.fence == 2
    })
    .await;
    let active = queue.clean(State::Active, SECOND, 10).await;
    assert!(matches!(
        active,
        Err(QueueError::Option {
            option: "state",
            ..
        })
    ));
    assert_eq!(
        queue
            .clean(State::Completed, Duration::ZERO, 10)
            .await
            .unwrap(),
        1
    );
    worker.stop(SECOND).await;
    queue
        .add_bulk((0..2500).map(|at| queue.add(sum(at, 0))))
        .await
        .unwrap();
    assert_eq!(queue.drain(true).await.unwrap(), 2500);
    assert_eq!(queue.counts().await.unwrap(), Default::default());
}

#[cfg(feature = "encryption")]
mod encryption {
    use purlin_base::random::SeededRng;
    use purlin_queue::crypt::{Aes256Gcm, Cipher as _, CipherKeyError};

    use super::*;

    fn cipher(keys: &[(u8, [u8; 32])]) -> Arc<Aes256Gcm> {
        Arc::new(Aes256Gcm::new(keys, Arc::new(SeededRng::new(3))).unwrap())
    }

    #[tokio::test]
    async fn a_sealed_payload_is_unreadable_in_the_store_and_read_by_the_processor() {
        let yard = Yard::with(|config| config.cipher = Some(cipher(&[(1, [7; 32])])));
        let added = yard.queue.add(sum(4711, 1)).await.unwrap();
        let stored = yard.job(&added.id).await.data;
        assert!(
            stored.as_str().starts_with("{\"$sealed\":\""),
            "{}",
            stored.as_str()
        );
        assert!(!stored.as_str().contains("4711"));
        let worker = yard
            .worker()
            .processor::<Sum, _>(add_up)
            .start()
            .await
            .unwrap();
        let job = yard.reaches(&added.id, State::Completed).await;
        assert_eq!(job.result.unwrap().as_str(), "4712");
        worker.stop(SECOND).await;
    }

    #[tokio::test]
    async fn a_worker_without_the_key_fails_the_job_with_the_reason() {
        let yard = Yard::with(|config| config.cipher = Some(cipher(&[(1, [7; 32])])));
        let plain = purlin_queue::Queue::new(yard.store.clone(), "sums").unwrap();
        let added = yard.queue.add(sum(1, 1)).attempts(5).await.unwrap();
        let worker = purlin_queue::Worker::of(&plain).clock(Arc::new(yard.clock.clone()));
        let worker = worker.processor::<Sum, _>(add_up).start().await.unwrap();
        let job = yard.reaches(&added.id, State::Failed).await;
        let failure = job.failure.unwrap();
        assert_eq!(failure.cause, purlin_queue::job::FailureCause::Undecodable);
        assert_eq!(
            failure.reason,
            "it is sealed, and this worker has no cipher"
        );
        worker.stop(SECOND).await;
    }

    #[test]
    fn keys_can_be_changed_and_what_was_changed_or_moved_is_not_opened() {
        let old = cipher(&[(1, [1; 32])]);
        let sealed = old.seal(b"secret", b"here").unwrap();
        let both = cipher(&[(2, [2; 32]), (1, [1; 32])]);
        assert_eq!(both.open(&sealed, b"here").unwrap(), b"secret");
        assert_eq!(both.seal(b"secret", b"here").unwrap()[0], 2);
        assert!(both.open(&sealed, b"there").is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(both.open(&changed, b"here").is_err(), "byte {at}");
        }
        let rng = || Arc::new(SeededRng::new(1));
        assert_eq!(Aes256Gcm::new(&[], rng()).unwrap_err(), CipherKeyError);
        let twice = [(1, [1; 32]), (1, [2; 32])];
        assert_eq!(Aes256Gcm::new(&twice, rng()).unwrap_err(), CipherKeyError);
    }
}

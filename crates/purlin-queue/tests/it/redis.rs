//! The suite on Redis, in BullMQ's layout. Each case has a key prefix of its own, and time is moved:
//! what runs out in Redis is made to run out earlier.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use purlin_base::{BoxFuture, Timestamp, id::IdMaker, testing};
use purlin_queue::{
    JobOptions, Payload, QueueError, Store,
    redis::{RedisOptions, RedisStore},
    store::{Change, Claim, ClaimedJob, Misfire, NewJob, Overlap, Repeat, Schedule, Turn},
    suite::Harness,
};

struct Redis(RedisStore);

impl Harness for Redis {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    fn advance(&self, by: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.0
                .advance(by)
                .await
                .expect("the time of Redis was moved")
        })
    }
}

async fn with_redis(case: impl AsyncFnOnce(&dyn Harness)) {
    let Some(url) = testing::server("PURLIN_TEST_REDIS") else {
        return;
    };
    let prefix = format!("suite-{}", IdMaker::default().make());
    let options = RedisOptions {
        prefix: prefix.clone(),
        ..RedisOptions::default()
    };
    let store = RedisStore::connect(&url, options)
        .await
        .expect("Redis answers");
    let done = AssertUnwindSafe(case(&Redis(store))).catch_unwind().await;
    remove(&url, &prefix).await;
    if let Err(panic) = done {
        std::panic::resume_unwind(panic);
    }
}

/// Removes all that a case has left.
async fn remove(url: &str, prefix: &str) {
    let client = redis::Client::open(url).expect("the address is one");
    let mut redis = client
        .get_multiplexed_async_connection()
        .await
        .expect("Redis answers");
    let mut keys = redis::cmd("KEYS");
    let keys: Vec<String> = keys
        .arg(format!("{prefix}:*"))
        .query_async(&mut redis)
        .await
        .expect("keys are told");
    for some in keys.chunks(1000) {
        let mut del = redis::cmd("DEL");
        del.arg(some)
            .query_async::<()>(&mut redis)
            .await
            .expect("keys are removed");
    }
}

purlin_queue::suite!(redis_suite, super::with_redis);

fn every_second(id: &str, start: Timestamp) -> Schedule {
    Schedule {
        queue: "q".to_owned(),
        id: id.to_owned(),
        repeat: Repeat::Every(Duration::from_secs(1)),
        start: Some(start),
        end: None,
        limit: Some(3),
        misfire: Misfire::One,
        overlap: Overlap::Allow,
        name: "tick".to_owned(),
        version: 2,
        data: Payload::from_json("{\"n\":1}"),
        options: JobOptions::default(),
    }
}

async fn claim(store: &Arc<dyn Store>) -> Vec<ClaimedJob> {
    let claim = Claim {
        queue: "q".to_owned(),
        max: 10,
        lease: Duration::from_secs(30),
        worker: "w".to_owned(),
    };
    let turn = Turn {
        finish: Vec::new(),
        claim: Some(claim),
    };
    store.turn(turn).await.expect("the turn is taken").claimed
}

#[tokio::test]
async fn the_next_tick_is_there_as_soon_as_the_last_has_begun_up_to_the_limit() {
    with_redis(async |harness: &dyn Harness| {
        let store = harness.store();
        let start = store
            .now()
            .await
            .expect("a time")
            .saturating_add(Duration::from_secs(1));
        let first = store
            .upsert_schedule(every_second("s", start))
            .await
            .expect("it is put in");
        for made in 0..3 {
            assert_eq!(
                claim(&store).await.len(),
                0,
                "before the moment of tick {made}"
            );
            harness.advance(Duration::from_secs(1)).await;
            let ticks = claim(&store).await;
            assert_eq!(ticks.len(), 1, "tick {made}");
            assert_eq!(
                (ticks[0].job.version, ticks[0].job.data.as_str()),
                (2, "{\"n\":1}")
            );
        }
        let last = first.saturating_add(Duration::from_secs(2)).unix_millis();
        assert!(
            store
                .job("q", &format!("repeat:s:{last}"))
                .await
                .expect("a job")
                .is_some()
        );
        harness.advance(Duration::from_secs(60)).await;
        store.upkeep("q", 100).await.expect("it is looked after");
        let counts = store.counts("q").await.expect("counts");
        assert_eq!(
            (counts.delayed, counts.waiting, counts.active),
            (0, 3, 0),
            "no fourth tick"
        );
    })
    .await;
}

#[tokio::test]
async fn a_schedule_whose_chain_was_lost_goes_on() {
    with_redis(async |harness: &dyn Harness| {
        let store = harness.store();
        let start = store
            .now()
            .await
            .expect("a time")
            .saturating_add(Duration::from_secs(1));
        let first = store
            .upsert_schedule(every_second("s", start))
            .await
            .expect("it is put in");
        // What a worker leaves that dies between taking a tick and making the next one.
        let tick = format!("repeat:s:{}", first.unix_millis());
        store
            .change("q", &tick, Change::Remove)
            .await
            .expect("the tick is removed");
        harness.advance(Duration::from_secs(7)).await;
        assert_eq!(
            store
                .upkeep("q", 100)
                .await
                .expect("it is looked after")
                .ticks,
            1
        );
        assert_eq!(
            store
                .upkeep("q", 100)
                .await
                .expect("it is looked after")
                .ticks,
            0
        );
        harness.advance(Duration::from_secs(1)).await;
        assert_eq!(claim(&store).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_schedule_that_is_removed_takes_the_tick_ahead_along() {
    with_redis(async |harness: &dyn Harness| {
        let store = harness.store();
        let start = store
            .now()
            .await
            .expect("a time")
            .saturating_add(Duration::from_secs(1));
        store
            .upsert_schedule(every_second("s", start))
            .await
            .expect("it is put in");
        assert_eq!(store.schedules("q").await.expect("schedules").len(), 1);
        assert!(
            store
                .remove_schedule("q", "s")
                .await
                .expect("it is removed")
        );
        assert!(!store.remove_schedule("q", "s").await.expect("it is gone"));
        harness.advance(Duration::from_secs(60)).await;
        assert_eq!(claim(&store).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_id_that_is_a_key_of_the_queue_is_refused() {
    with_redis(async |harness: &dyn Harness| {
        let job = NewJob {
            queue: "q".to_owned(),
            id: "delayed".to_owned(),
            name: "n".to_owned(),
            version: 1,
            data: Payload::null(),
            options: JobOptions::default(),
            parents: Vec::new(),
            awaits_children: false,
            traceparent: None,
        };
        let refused = harness.store().add(vec![job]).await;
        assert!(
            matches!(refused, Err(QueueError::Name { .. })),
            "{refused:?}"
        );
    })
    .await;
}

/// A worker that waits is woken by what another process adds, long before it would ask again.
#[tokio::test]
async fn a_waiting_worker_is_woken_by_what_is_added() {
    with_redis(async |harness: &dyn Harness| {
        let store = harness.store();
        let woken = store.woken("q").expect("Redis has hints");
        let start = store
            .now()
            .await
            .expect("a time")
            .saturating_add(Duration::from_secs(1));
        store
            .upsert_schedule(every_second("s", start))
            .await
            .expect("it is put in");
        tokio::time::timeout(Duration::from_secs(4), woken)
            .await
            .expect("it was woken");
    })
    .await;
}

//! The suite on Redis, in BullMQ's layout. Each case has a key prefix of its own, and time is moved:
//! what runs out in Redis is made to run out earlier.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use purlin_base::{BoxFuture, id::IdMaker, testing};
use purlin_queue::{
    Store,
    redis::{RedisOptions, RedisStore},
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

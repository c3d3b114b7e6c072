//! Rate limits: the engines against a model, and limits on routes.

use std::{sync::Arc, time::Duration};

use purlin_base::{
    testing,
    time::{Clock, ManualClock, Timestamp},
};
use purlin_http::limit::{Decision, LimitStore, MemoryStore, Quota, StoreKey};

mod address;
mod away;
mod engines;
mod fields;
mod memory;
mod model;
mod off;
#[cfg(feature = "redis")]
mod redis;
mod routes;
mod unrouted;

/// A store whose time stands still until the test moves it.
struct Engine {
    name: &'static str,
    store: Arc<dyn LimitStore>,
    clock: ManualClock,
}

impl Engine {
    async fn take(&self, subject: &str, quota: &Quota, cost: u32) -> Decision {
        let key = StoreKey {
            limit: "test",
            subject,
        };
        self.store.take(key, quota, cost).await.unwrap()
    }
}

fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000))
}

fn memory() -> Engine {
    let clock = clock();
    Engine {
        name: "memory",
        store: Arc::new(MemoryStore::with(10_000, Arc::new(clock.clone()))),
        clock,
    }
}

/// Every engine there is here.
fn engines() -> Vec<Engine> {
    let mut all = vec![memory()];
    #[cfg(feature = "redis")]
    if let Some(url) = testing::server("PURLIN_TEST_REDIS") {
        all.push(redis::engine(&url));
    }
    all
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

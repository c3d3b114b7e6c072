//! The suite on the engine without a database.

use std::{sync::Arc, time::Duration};

use purlin_base::{BoxFuture, Timestamp, time::ManualClock};
use purlin_queue::{MemoryStore, Store, suite::Harness};

struct Memory {
    clock: ManualClock,
    store: Arc<dyn Store>,
}

impl Harness for Memory {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn advance(&self, by: Duration) -> BoxFuture<'_, ()> {
        self.clock.advance(by);
        Box::pin(std::future::ready(()))
    }
}

async fn with_memory(case: impl AsyncFnOnce(&dyn Harness)) {
    let clock = ManualClock::new(Timestamp::from_unix_micros(1_764_000_000_000_000));
    let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
    case(&Memory { clock, store }).await;
}

purlin_queue::suite!(memory, super::with_memory);

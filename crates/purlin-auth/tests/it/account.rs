//! One-time tokens, second factors and the audit trail, on every engine.

mod auditing;
mod engines;
mod factors;
mod one_time;

use std::sync::Arc;

use purlin_base::{
    Timestamp,
    id::IdMaker,
    random::OsRng,
    time::{ManualClock, SharedClock},
};
use purlin_sql::Db;

/// A database, and the time.
struct Place {
    db: Db,
    clock: ManualClock,
}

impl Place {
    fn new(db: Db) -> Self {
        let start = Timestamp::from_unix_micros(1_790_000_000_000_000);
        let clock = ManualClock::new(start);
        Self { db, clock }
    }

    fn clock(&self) -> SharedClock {
        Arc::new(self.clock.clone())
    }

    fn ids(&self) -> IdMaker {
        IdMaker::new(self.clock(), Arc::new(OsRng))
    }

    async fn count(&self, select: &'static str) -> i64 {
        let (count,) = self.db.read().query(select).fetch_one().await.unwrap();
        count
    }
}

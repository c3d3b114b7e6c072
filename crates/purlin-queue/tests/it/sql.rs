//! The suite on SQLite and on Postgres.

mod engine;

use std::{sync::Arc, time::Duration};

use purlin_base::BoxFuture;
use purlin_queue::{Store, sql::SqlStore, suite::Harness};

struct Sql(SqlStore);

impl Harness for Sql {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    fn advance(&self, by: Duration) -> BoxFuture<'_, ()> {
        self.0.advance(by);
        Box::pin(std::future::ready(()))
    }
}

async fn with_sqlite(case: impl AsyncFnOnce(&dyn Harness)) {
    engine::with_sqlite(async |store| case(&Sql(store)).await).await;
}

purlin_queue::suite!(sqlite, super::with_sqlite);

#[cfg(feature = "postgres")]
async fn with_postgres(case: impl AsyncFnOnce(&dyn Harness)) {
    engine::postgres::with_postgres(async |store| case(&Sql(store)).await).await;
}

#[cfg(feature = "postgres")]
purlin_queue::suite!(postgres, super::with_postgres);

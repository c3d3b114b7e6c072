//! The suite on each engine.

use std::time::Duration;

use purlin_sql::{Db, SqlConfig};

use crate::suite::suite;

/// Short bounds, so that the cases which reach them are quick.
fn bounds(url: &str) -> SqlConfig {
    SqlConfig {
        transaction_deadline: Duration::from_millis(300),
        rows_max: 1000,
        ..SqlConfig::new(url)
    }
}

async fn with_sqlite(case: impl AsyncFnOnce(Db)) {
    let db = Db::connect(bounds("sqlite::memory:")).await.unwrap();
    case(db.clone()).await;
    db.close().await;
}

suite!(sqlite, crate::engines::with_sqlite);

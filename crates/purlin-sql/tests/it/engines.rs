//! The suite on each engine.

use std::time::Duration;

use purlin_sql::{Db, SqlConfig};

use crate::suite::suite;

/// Short bounds, so that the cases which reach them are quick.
fn bounds(url: &str) -> SqlConfig {
    SqlConfig {
        transaction_deadline: Duration::from_secs(1),
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
suite!(@ wakes sqlite_wakes, crate::engines::with_sqlite);
suite!(@ outbox sqlite_outbox, crate::engines::with_sqlite);

/// Every case again, with every read on a thread for blocking work.
async fn with_sqlite_off_the_executor(case: impl AsyncFnOnce(Db)) {
    let config = SqlConfig {
        inline_budget: Duration::ZERO,
        ..bounds("sqlite::memory:")
    };
    let db = Db::connect(config).await.unwrap();
    case(db.clone()).await;
    db.close().await;
}

suite!(
    sqlite_off_the_executor,
    crate::engines::with_sqlite_off_the_executor
);

#[cfg(feature = "postgres")]
pub(crate) mod postgres_server {
    //! A schema of its own for each case.

    use purlin_sql::{Db, Query, SqlConfig};
    use uuid::Uuid;

    use super::bounds;

    /// The server to test on; says so and returns `None` if there is none.
    pub(crate) fn url() -> Option<String> {
        let url = std::env::var("PURLIN_TEST_POSTGRES").ok();
        if url.is_none() {
            let required = std::env::var("PURLIN_TEST_REQUIRE").is_ok_and(|value| value == "1");
            assert!(!required, "PURLIN_TEST_POSTGRES is not set");
            #[allow(clippy::print_stderr, reason = "a skip must be seen")]
            {
                eprintln!("skipped: PURLIN_TEST_POSTGRES is not set");
            }
        }
        url
    }

    /// Runs `case` on a schema of its own.
    pub(crate) async fn with_url(case: impl AsyncFnOnce(String)) {
        let Some(server) = url() else { return };
        let schema = format!("purlin_{}", Uuid::now_v7().simple());
        let admin = Db::connect(server.as_str()).await.unwrap();
        admin
            .write(define("create schema ", &schema))
            .fetch_all::<(i64,)>()
            .await
            .unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        case(format!(
            "{server}{joint}options=-c%20search_path%3D{schema}"
        ))
        .await;
        let drop = define("drop schema ", &schema).push(" cascade");
        admin.write(drop).fetch_all::<(i64,)>().await.unwrap();
        admin.close().await;
    }

    /// A name cannot be bound, and text made at run time is no statement: each character of the
    /// name is a literal of this program.
    pub(crate) fn define(what: &'static str, schema: &str) -> Query {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
        let letter = |c| {
            let at = letters.find(c).expect("a plain name");
            Query::new(&letters[at..=at])
        };
        Query::new(what).push(Query::join(schema.chars().map(letter), ""))
    }

    /// Nothing but the case itself wakes anybody.
    pub(crate) async fn with_poll_only(case: impl AsyncFnOnce(Db)) {
        with_url(async |url: String| {
            let config = SqlConfig {
                poll_only: true,
                ..bounds(&url)
            };
            let db = Db::connect(config).await.unwrap();
            case(db.clone()).await;
            db.close().await;
        })
        .await;
    }

    pub(crate) async fn with_postgres(case: impl AsyncFnOnce(Db)) {
        with_url(async |url: String| {
            let db = Db::connect(bounds(&url)).await.unwrap();
            case(db.clone()).await;
            db.close().await;
        })
        .await;
    }
}

#[cfg(feature = "postgres")]
suite!(postgres, crate::engines::postgres_server::with_postgres);
#[cfg(feature = "postgres")]
suite!(@ wakes postgres_wakes, crate::engines::postgres_server::with_poll_only);
#[cfg(feature = "postgres")]
suite!(@ outbox postgres_outbox, crate::engines::postgres_server::with_postgres);

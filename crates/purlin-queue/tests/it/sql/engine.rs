//! A store of its own for each case, on each SQL engine.

use std::sync::Arc;

use purlin_base::time::SystemClock;
use purlin_queue::sql::{MIGRATIONS, SqlStore};
use purlin_sql::Db;

/// A store on `db`.
fn store(db: &Db) -> SqlStore {
    SqlStore::new(db.clone(), Arc::new(SystemClock))
}

async fn migrated(url: &str) -> Db {
    let db = Db::connect(url).await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    db
}

pub(crate) async fn with_sqlite(case: impl AsyncFnOnce(SqlStore)) {
    let db = migrated("sqlite::memory:").await;
    case(store(&db)).await;
    db.close().await;
}

#[cfg(feature = "postgres")]
pub(crate) mod postgres {
    //! A schema of its own for each case.

    use purlin_sql::Query;
    use uuid::Uuid;

    use super::{Db, SqlStore, migrated, store};

    /// The server to test on; says so and returns `None` if there is none.
    fn url() -> Option<String> {
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

    pub(crate) async fn with_postgres(case: impl AsyncFnOnce(SqlStore)) {
        let Some(server) = url() else { return };
        let schema = format!("purlin_queue_{}", Uuid::now_v7().simple());
        let admin = Db::connect(server.as_str()).await.unwrap();
        let create = named("create schema ", &schema);
        admin.write(create).execute().await.unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-c%20search_path%3D{schema}");
        let db = migrated(&url).await;
        case(store(&db)).await;
        db.close().await;
        let drop = named("drop schema ", &schema).push(" cascade");
        admin.write(drop).execute().await.unwrap();
        admin.close().await;
    }

    /// A name cannot be bound, and text made at run time is no statement: each character of the
    /// name is a literal of this program.
    fn named(what: &'static str, schema: &str) -> Query {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
        let letter = |c| {
            let at = letters.find(c).expect("a plain name");
            Query::new(&letters[at..=at])
        };
        Query::new(what).push(Query::join(schema.chars().map(letter), ""))
    }
}

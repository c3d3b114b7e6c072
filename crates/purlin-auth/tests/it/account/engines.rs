//! The engines that the cases run on.

use purlin_sql::Db;

pub(super) async fn with_sqlite(case: impl AsyncFnOnce(Db)) {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.migrate(&purlin_auth::MIGRATIONS).await.unwrap();
    case(db.clone()).await;
    db.close().await;
}

/// Runs `case` in a schema of its own; skipped where there is no server.
#[cfg(feature = "postgres")]
pub(super) async fn with_postgres(case: impl AsyncFnOnce(Db)) {
    use purlin_sql::Query;

    let Some(server) = purlin_base::testing::server("PURLIN_TEST_POSTGRES") else {
        return;
    };
    let schema = format!("purlin_account_{}", uuid::Uuid::now_v7().simple());
    // A name cannot be bound: each of its characters is a literal of this program.
    let named = |what: &'static str| {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
        let letter = |c| {
            let at = letters.find(c).unwrap();
            Query::new(&letters[at..=at])
        };
        Query::new(what).push(Query::join(schema.chars().map(letter), ""))
    };
    let admin = Db::connect(server.as_str()).await.unwrap();
    let create = named("create schema ");
    admin.write(create).execute().await.unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-c%20search_path%3D{schema}");
    let db = Db::connect(url.as_str()).await.unwrap();
    db.migrate(&purlin_auth::MIGRATIONS).await.unwrap();
    case(db.clone()).await;
    db.close().await;
    let drop = named("drop schema ").push(" cascade");
    admin.write(drop).execute().await.unwrap();
    admin.close().await;
}

/// The only list of a file's cases: each runs on every engine.
macro_rules! on_every_engine {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::account::engines::with_sqlite(super::$case).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::account::engines::with_postgres(super::$case).await;
            })+
        }
    };
}

pub(super) use on_every_engine;

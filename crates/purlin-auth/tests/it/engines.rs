//! The databases that cases run on, each with the tables of this crate and nothing else in it.

use purlin_auth::MIGRATIONS;
use purlin_sql::Db;

/// A new database in a file that goes with it.
pub(crate) async fn sqlite() -> Db {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    db
}

pub(crate) async fn with_sqlite(case: impl AsyncFnOnce(Db)) {
    let db = sqlite().await;
    case(db.clone()).await;
    db.close().await;
}

/// Runs `case` in a schema of its own; skipped where there is no server.
#[cfg(feature = "postgres")]
pub(crate) async fn with_postgres(case: impl AsyncFnOnce(Db)) {
    let Some(server) = purlin_base::testing::server("PURLIN_TEST_POSTGRES") else {
        return;
    };
    let schema = format!("purlin_auth_{}", uuid::Uuid::now_v7().simple());
    let admin = Db::connect(server.as_str()).await.unwrap();
    let create = of_schema("create schema ", &schema);
    admin.write(create).execute().await.unwrap();
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}options=-c%20search_path%3D{schema}");
    let db = Db::connect(url.as_str()).await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    case(db.clone()).await;
    db.close().await;
    let drop = of_schema("drop schema ", &schema).push(" cascade");
    admin.write(drop).execute().await.unwrap();
    admin.close().await;
}

/// A name cannot be bound, and text made at run time is no statement: each character of the name
/// is a literal of this program.
#[cfg(feature = "postgres")]
fn of_schema(what: &'static str, schema: &str) -> purlin_sql::Query {
    use purlin_sql::Query;
    let letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
    let letter = |c| {
        let at = letters.find(c).expect("a plain name");
        Query::new(&letters[at..=at])
    };
    Query::new(what).push(Query::join(schema.chars().map(letter), ""))
}

/// The only list of cases, `case` or `module::case`: each becomes a test on every engine.
macro_rules! on_every_engine {
    (@ $($case:ident = $path:path),+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::engines::with_sqlite($path).await;
            })+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::engines::with_postgres($path).await;
            })+
        }
    };
    ($($case:ident),+ $(,)?) => {
        crate::engines::on_every_engine!(@ $($case = super::$case),+);
    };
    ($($home:ident::$case:ident),+ $(,)?) => {
        crate::engines::on_every_engine!(@ $($case = super::$home::$case),+);
    };
}

pub(crate) use on_every_engine;

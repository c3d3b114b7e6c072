//! Migrations. The cases take an address and never name an engine.

use purlin_base::Classified;
use purlin_sql::{Db, Migration, Migrations, OpenError, SqlError};

const fn step(version: u32, name: &'static str, text: &'static str) -> Migration {
    Migration {
        version,
        name,
        sqlite: text,
        postgres: text,
    }
}

const ITEMS: Migration = step(
    1,
    "items",
    "create table items (id bigint primary key); insert into items values (1);",
);
const NAMES: Migration = step(2, "names", "alter table items add column name text");
const BROKEN: Migration = step(
    3,
    "broken",
    "insert into items (id) values (2); insert into nowhere values (1)",
);

const ONE: Migrations = Migrations::new("shop", &[ITEMS]);
const TWO: Migrations = Migrations::new("shop", &[ITEMS, NAMES]);
const BAD: Migrations = Migrations::new("shop", &[ITEMS, NAMES, BROKEN]);
const CHANGED: Migrations = Migrations::new(
    "shop",
    &[step(1, "items", "create table other (id bigint)"), NAMES],
);
const GAP: Migrations = Migrations::new("shop", &[ITEMS, step(3, "late", "select 1")]);
const COMMITS: Migrations = Migrations::new(
    "rogue",
    &[step(1, "rogue", "create table rogue (a bigint); commit")],
);
const OTHER: Migrations =
    Migrations::new("queue", &[step(1, "jobs", "create table jobs (id bigint)")]);

async fn each_step_is_applied_once_and_sets_are_apart(url: String) {
    let db = Db::connect(url.as_str()).await.unwrap();
    assert_eq!(db.migrate(&ONE).await.unwrap(), 1);
    assert_eq!(db.migrate(&TWO).await.unwrap(), 1);
    assert_eq!(db.migrate(&TWO).await.unwrap(), 0);
    assert_eq!(db.migrate(&OTHER).await.unwrap(), 1);
    let rows = db.read().query("select count(name), count(*) from items");
    assert_eq!(rows.fetch_one::<(i64, i64)>().await.unwrap(), (0, 1));
    db.close().await;
}

async fn a_newer_schema_and_a_changed_step_are_refused(url: String) {
    let db = Db::connect(url.as_str()).await.unwrap();
    db.migrate(&TWO).await.unwrap();
    let newer = db.migrate(&ONE).await.unwrap_err();
    assert!(
        matches!(
            newer,
            OpenError::NewerSchema {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{newer:?}"
    );
    assert_eq!(newer.code(), "SQL_NEWER_SCHEMA");
    let changed = db.migrate(&CHANGED).await.unwrap_err();
    assert!(
        matches!(changed, OpenError::MigrationChanged { version: 1, .. }),
        "{changed:?}"
    );
    let gap = db.migrate(&GAP).await.unwrap_err();
    assert!(
        matches!(gap, OpenError::MigrationOrder { found: 3, .. }),
        "{gap:?}"
    );
    db.close().await;
}

async fn a_step_that_fails_is_undone_and_the_ones_before_it_stay(url: String) {
    let db = Db::connect(url.as_str()).await.unwrap();
    let failed = db.migrate(&BAD).await.unwrap_err();
    assert!(
        matches!(&failed, OpenError::Migration { version: 3, name, .. } if name == "broken"),
        "{failed:?}"
    );
    let rows = db.read().query("select count(name), count(*) from items");
    assert_eq!(rows.fetch_one::<(i64, i64)>().await.unwrap(), (0, 1));
    assert_eq!(db.migrate(&TWO).await.unwrap(), 0);
    db.close().await;
}

async fn two_programs_that_start_at_once_wait_for_each_other(url: String) {
    let open = async || {
        let db = Db::connect(url.as_str()).await.unwrap();
        let applied = db.migrate(&TWO).await.unwrap();
        db.close().await;
        applied
    };
    let (a, b, c) = tokio::join!(open(), open(), open());
    assert_eq!(a + b + c, 2);
}

async fn a_step_must_not_commit_by_itself(url: String) {
    let db = Db::connect(url.as_str()).await.unwrap();
    let failed = db.migrate(&COMMITS).await;
    assert!(
        matches!(
            failed,
            Err(OpenError::Migration {
                error: SqlError::TransactionControl,
                ..
            })
        ),
        "{failed:?}"
    );
    db.close().await;
}

macro_rules! cases {
    ($engine:ident, $with_url:path: $($case:ident),+ $(,)?) => {
        mod $engine {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $with_url(super::$case).await;
                }
            )+
        }
    };
}

macro_rules! every_case {
    ($engine:ident, $with_url:path) => {
        cases!($engine, $with_url:
            each_step_is_applied_once_and_sets_are_apart,
            a_newer_schema_and_a_changed_step_are_refused,
            a_step_that_fails_is_undone_and_the_ones_before_it_stay,
            two_programs_that_start_at_once_wait_for_each_other,
            a_step_must_not_commit_by_itself,
        );
    };
}

async fn with_file(case: impl AsyncFnOnce(String)) {
    let folder = tempfile::tempdir().unwrap();
    case(format!("sqlite://{}", folder.path().join("a.db").display())).await;
}

every_case!(sqlite, super::with_file);

#[cfg(feature = "postgres")]
every_case!(postgres, crate::engines::postgres_server::with_url);

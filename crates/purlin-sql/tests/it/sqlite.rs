//! What only a file has: who else holds it, a full disk, a kill, a file that is not ours.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use purlin_base::health::HealthIndicator;
use purlin_sql::{Db, OpenError, SqlConfig, SqlError};
use tempfile::TempDir;

use crate::suite::{count, make_items};

fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    (folder, path)
}

fn address(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

async fn open(path: &Path) -> Db {
    Db::connect(address(path)).await.unwrap()
}

const INSERT: &str = "insert into items values ($1, 'x')";

/// Room for some rows of 1 kB, and no more.
async fn fill_up(db: &Db) {
    make_items(db).await;
    let limit = db.write("pragma max_page_count = 40");
    limit.fetch_optional::<(i64,)>().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_the_group_as_one_and_the_next_one_works() {
    let (_folder, path) = file();
    let db = open(&path).await;
    fill_up(&db).await;
    let big = "y".repeat(60_000);
    let insert = |id: i64, text: &str| {
        let insert = db.write("insert into items values ($1, $2)");
        insert.bind(id).bind(text).execute()
    };
    let (first, second) = tokio::join!(insert(1, &big), insert(2, &big));
    let third = insert(3, &big).await;
    let mut full = 0;
    for outcome in [first, second, third] {
        match outcome {
            Ok(_) => {}
            Err(SqlError::StorageFull(_)) => full += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(full >= 1);
    assert_eq!(count(&db).await, 3 - full);
    assert_eq!(insert(9, "small").await.unwrap(), 1);

    let work = async |tx: &mut purlin_sql::Tx| {
        tx.query(INSERT).bind(20).execute().await?;
        let insert = tx.query("insert into items values (21, $1)");
        insert.bind("y".repeat(200_000)).execute().await
    };
    let transaction = db.transaction(work).await;
    assert!(
        matches!(transaction, Err(SqlError::StorageFull(_))),
        "{transaction:?}"
    );
    assert_eq!(count(&db).await, 4 - full);
    assert_eq!(insert(10, "small").await.unwrap(), 1);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_that_writes_is_waited_for_within_a_bound() {
    let (_folder, path) = file();
    let config = SqlConfig {
        busy_timeout: Duration::from_millis(50),
        ..SqlConfig::new(address(&path))
    };
    let db = Db::connect(config).await.unwrap();
    make_items(&db).await;
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("begin immediate").unwrap();
    let busy = db.write(INSERT).bind(1).execute().await;
    assert!(
        matches!(&busy, Err(error @ SqlError::Busy(_)) if error.is_retryable()),
        "{busy:?}"
    );
    let busy = db.transaction(async |_| Ok::<_, SqlError>(())).await;
    assert!(matches!(busy, Err(SqlError::Busy(_))), "{busy:?}");
    assert_eq!(count(&db).await, 0, "reads go on");
    other
        .execute_batch("insert into items values (5, 'other'); commit")
        .unwrap();
    assert_eq!(db.write(INSERT).bind(1).execute().await.unwrap(), 1);
    assert_eq!(count(&db).await, 2);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_write_of_another_process_is_not_noticed() {
    let (_folder, path) = file();
    let (a, b) = (open(&path).await, open(&path).await);
    make_items(&a).await;
    let writes = (0..100).map(|id| {
        let db = if id % 2 == 0 { &a } else { &b };
        db.write(INSERT).bind(id).execute()
    });
    for outcome in futures_util::future::join_all(writes).await {
        outcome.unwrap();
    }
    assert_eq!((count(&a).await, count(&b).await), (100, 100));
    a.close().await;
    b.close().await;
}

/// Asks `Db::connect` of a file with `content`, and checks that nothing was written into it.
async fn refused(content: &[u8]) -> OpenError {
    let (folder, path) = file();
    fs::write(&path, content).unwrap();
    let error = Db::connect(address(&path)).await.unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), content);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    error
}

#[tokio::test]
async fn a_file_that_is_no_database_or_not_ours_is_refused_and_left_alone() {
    let text = refused(b"title,authors\n").await;
    assert!(matches!(text, OpenError::NotADatabase { .. }), "{text:?}");
    let short = refused(b"SQLite format 3\0").await;
    assert!(matches!(short, OpenError::NotADatabase { .. }), "{short:?}");

    let (_folder, path) = file();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("create table notes (a)").unwrap();
    drop(other);
    let foreign = refused(&fs::read(&path).unwrap()).await;
    assert!(matches!(foreign, OpenError::Foreign { .. }), "{foreign:?}");
    assert!(!foreign.is_setting());
}

#[tokio::test]
async fn a_folder_or_a_file_in_no_folder_is_told_with_its_path() {
    let (folder, path) = file();
    for bad in [folder.path().to_owned(), path.join("deeper.db")] {
        let error = Db::connect(address(&bad)).await.unwrap_err();
        assert!(matches!(error, OpenError::Unreadable { .. }), "{error:?}");
        assert!(
            error.to_string().contains(&bad.display().to_string()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_a_fault_of_the_setting() {
    for url in [
        "",
        "mysql://a",
        "sqlite:",
        "sqlite:a.db",
        "sqlite://",
        "sqlite://a.db?mode=ro",
    ] {
        let error = Db::connect(url).await.unwrap_err();
        assert!(
            matches!(error, OpenError::Address { .. }),
            "{url}: {error:?}"
        );
        assert!(error.is_setting());
    }
    let config = SqlConfig {
        readers: 0,
        ..SqlConfig::default()
    };
    let error = Db::connect(config).await.unwrap_err();
    assert_eq!(error.to_string(), "`readers` must be 1 to 64");
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn an_engine_that_is_not_built_in_is_named_with_its_feature() {
    let error = Db::connect("postgres://secret@db/shop").await.unwrap_err();
    let expected = "Postgres is not built in: build with the feature `postgres`";
    assert_eq!(
        (error.to_string().as_str(), error.is_setting()),
        (expected, true)
    );
}

#[tokio::test]
async fn what_was_closed_is_one_file_and_opens_again() {
    let (folder, path) = file();
    let db = open(&path).await;
    make_items(&db).await;
    db.write(INSERT).bind(1).execute().await.unwrap();
    db.close().await;
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "the log was folded in"
    );
    let db = open(&path).await;
    assert_eq!(count(&db).await, 1);
    db.close().await;
}

#[tokio::test]
async fn a_temporary_database_leaves_no_file() {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    let path = "select file from pragma_database_list";
    let (path,) = db
        .read()
        .query(path)
        .fetch_one::<(String,)>()
        .await
        .unwrap();
    assert!(Path::new(&path).exists());
    db.close().await;
    drop(db);
    for suffix in ["", "-wal", "-shm"] {
        assert!(!Path::new(&format!("{path}{suffix}")).exists());
    }
}

#[tokio::test]
async fn a_file_that_is_gone_or_replaced_is_noticed() {
    let (_folder, path) = file();
    let db = open(&path).await;
    make_items(&db).await;
    db.check().await.unwrap();
    let kept = path.with_extension("kept");
    fs::rename(&path, &kept).unwrap();
    assert!(db.check().await.is_err());
    fs::write(&path, "").unwrap();
    assert!(db.check().await.is_err());
    fs::rename(&kept, &path).unwrap();
    db.check().await.unwrap();
    db.close().await;
    assert!(db.check().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_is_too_slow_for_the_executor_is_finished_elsewhere() {
    let (_folder, path) = file();
    let config = SqlConfig {
        inline_budget: Duration::from_nanos(1),
        ..SqlConfig::new(address(&path))
    };
    let db = Db::connect(config).await.unwrap();
    let slow = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
                select count(*) from n";
    for _ in 0..3 {
        let read = db.read().query(slow);
        assert_eq!(read.fetch_one::<(i64,)>().await.unwrap(), (20_000,));
    }
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_without_end_is_stopped_at_its_deadline_and_frees_its_connection() {
    let (_folder, path) = file();
    let config = SqlConfig {
        readers: 1,
        read_deadline: Duration::from_millis(50),
        ..SqlConfig::new(address(&path))
    };
    let db = Db::connect(config).await.unwrap();
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n)
                   select count(*) from n";
    let stopped = db.read().query(endless).fetch_one::<(i64,)>().await;
    assert!(
        matches!(stopped, Err(SqlError::Deadline { .. })),
        "{stopped:?}"
    );
    let read = db.read().query("select 1");
    assert_eq!(read.fetch_one::<(i64,)>().await.unwrap(), (1,));
    db.close().await;
}

/// The environment variable that makes this very test program the one that is killed.
const VICTIM: &str = "PURLIN_SQL_TEST_VICTIM";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    if let Ok(path) = std::env::var(VICTIM) {
        write_until_killed(Path::new(&path)).await;
    }
    let (_folder, path) = file();
    let db = open(&path).await;
    make_items(&db).await;
    db.close().await;
    let name = "sqlite::what_was_acknowledged_survives_a_kill";
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(VICTIM, &path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let acknowledged = lines.filter_map(|line| line.unwrap().strip_prefix("wrote ")?.parse().ok());
    let acknowledged: Vec<i64> = acknowledged.take(300).collect();
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(acknowledged.len(), 300);

    let db = open(&path).await;
    let rows = db
        .read()
        .query("select id from items")
        .fetch_all::<(i64,)>()
        .await
        .unwrap();
    let lost = acknowledged.iter().filter(|id| !rows.contains(&(**id,)));
    assert_eq!(lost.count(), 0);
    db.close().await;
}

async fn write_until_killed(path: &Path) {
    let db = open(path).await;
    let writer = async |lane: i64| {
        for number in 0.. {
            let id = number * 16 + lane;
            db.write(INSERT).bind(id).execute().await.unwrap();
            #[allow(clippy::print_stdout, reason = "the parent reads it")]
            {
                println!("wrote {id}");
            }
        }
    };
    futures_util::future::join_all((0..16).map(writer)).await;
}

/// What a statement's columns are called is remembered, and what `*` stands for is not.
#[tokio::test]
async fn a_star_follows_a_column_that_is_renamed() {
    #[derive(purlin_sql::FromRow)]
    struct Named {
        label: String,
    }

    let (_folder, path) = file();
    let db = open(&path).await;
    for change in [
        "create table tags (name text not null, label text not null)",
        "insert into tags values ('before', 'after')",
    ] {
        db.write(change).execute().await.unwrap();
    }
    let read = async || {
        let row = db.read().query("select * from tags").fetch_one::<Named>();
        row.await.unwrap().label
    };
    assert_eq!(read().await, "after");
    for change in [
        "alter table tags rename column label to other",
        "alter table tags rename column name to label",
    ] {
        db.write(change).execute().await.unwrap();
    }
    assert_eq!(read().await, "before");
}

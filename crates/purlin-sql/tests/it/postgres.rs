//! What only a server has: roles, locks between transactions, and statements that run on there.

use std::time::{Duration, Instant};

use purlin_base::{Classified, ErrorClass};
use purlin_sql::{Db, SqlConfig, SqlError, Tx};
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::{
    bounds,
    engines::postgres_server::{define, url, with_url},
    suite::{count, make_items},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_finds_no_connection_is_told_so() {
    with_url(async |url: String| {
        let db = Db::connect(bounds::narrow(&url)).await.unwrap();
        bounds::who_finds_no_place_is_told(&db).await;
        db.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_slow_statement_is_logged_by_shape_and_line_without_its_values() {
    with_url(async |url: String| {
        bounds::tells_each_without_values(&bounds::logged(&url, Duration::ZERO).await);
    })
    .await;
}

#[tokio::test]
async fn reads_go_by_the_role_that_is_given_for_them() {
    let Some(server) = url() else { return };
    let role = format!("purlin_reader_{}", Uuid::now_v7().simple());
    let admin = Db::connect(server.as_str()).await.unwrap();
    let create = define("create role ", &role).push(" login");
    admin.write(create).execute().await.unwrap();
    with_url(async |url: String| {
        let (scheme, rest) = url.split_once("://").unwrap();
        let host = rest.split_once('@').map_or(rest, |(_, host)| host);
        let config = SqlConfig {
            read_url: Some(format!("{scheme}://{role}@{host}")),
            ..SqlConfig::new(&url)
        };
        let db = Db::connect(config).await.unwrap();
        make_items(&db).await;
        let who = "select current_user::text";
        let reads = db.read().query(who).fetch_one::<(String,)>().await.unwrap();
        let writes = db.write(who).fetch_one::<(String,)>().await.unwrap();
        assert_eq!(reads.0, role);
        assert_ne!(writes.0, role);
        // Nothing was granted to it, so it reads nothing.
        let read = db.read().query("select count(*) from items");
        let denied = read.fetch_one::<(i64,)>().await;
        assert!(matches!(denied, Err(SqlError::Statement(_))), "{denied:?}");
        db.close().await;
    })
    .await;
    admin
        .write(define("drop role ", &role))
        .execute()
        .await
        .unwrap();
    admin.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_transactions_in_each_others_way_one_may_try_again() {
    with_url(async |url: String| {
        let config = SqlConfig {
            transaction_deadline: Duration::from_secs(30),
            ..SqlConfig::new(&url)
        };
        let db = Db::connect(config).await.unwrap();
        make_items(&db).await;
        db.write("insert into items values (1, ''), (2, '')")
            .execute()
            .await
            .unwrap();
        let both_hold = Barrier::new(2);
        let cross = async |mine: i64, other: i64| {
            let work = async |tx: &mut Tx| {
                touch(tx, mine).await?;
                both_hold.wait().await;
                touch(tx, other).await
            };
            db.transaction(work).await
        };
        let (one, two) = tokio::join!(cross(1, 2), cross(2, 1));
        let (good, bad): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
        assert_eq!((good.len(), bad.len()), (1, 1), "{bad:?}");
        let error = bad.into_iter().next().unwrap().unwrap_err();
        assert!(matches!(error, SqlError::Serialization(_)), "{error:?}");
        assert_eq!(error.code(), "SQL_SERIALIZATION");
        assert_eq!(error.class(), ErrorClass::Unavailable);
        assert!(
            error.retry_after().is_some(),
            "a caller is told to come again"
        );
        let again = db.transaction(async |tx: &mut Tx| touch(tx, 1).await).await;
        assert_eq!(again.unwrap(), 1);
        assert_eq!(count(&db).await, 2);
        db.close().await;
    })
    .await;
}

async fn touch(tx: &mut Tx, id: i64) -> Result<u64, SqlError> {
    let touch = "update items set name = name || 'x' where id = $1";
    tx.query(touch).bind(id).execute().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_begins_late_does_not_run_on_at_the_server() {
    const DEADLINE: Duration = Duration::from_secs(4);
    with_url(async |url: String| {
        let config = SqlConfig {
            transaction_deadline: DEADLINE,
            ..SqlConfig::new(&url)
        };
        let db = Db::connect(config).await.unwrap();
        let began = Instant::now();
        let stopped = db
            .transaction(async |tx| {
                tx.query("select pg_sleep(3)").execute().await?;
                tx.query("select pg_sleep(30) /* begun late */")
                    .execute()
                    .await
            })
            .await;
        assert!(
            matches!(stopped, Err(SqlError::Deadline { .. })),
            "{stopped:?}"
        );
        // Without a limit of its own the statement would run for as long again as a whole
        // transaction, and the rollback would wait for it.
        let in_time = || began.elapsed() < DEADLINE + Duration::from_secs(2);
        assert!(in_time(), "{:?}", began.elapsed());
        let running = "select count(*) from pg_stat_activity where state = 'active'
                       and query like '%begun late%' and pid <> pg_backend_pid()";
        while db
            .read()
            .query(running)
            .fetch_one::<(i64,)>()
            .await
            .unwrap()
            .0
            > 0
        {
            assert!(in_time(), "it runs on");
        }
        db.close().await;
    })
    .await;
}

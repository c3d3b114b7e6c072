//! Statements that work.

use purlin_base::{Context, Timestamp};
use purlin_sql::{Db, FromRow, Json, Query, Row, RowError, SqlError};
use uuid::Uuid;

use super::{count, make_items};

pub(crate) async fn what_is_written_can_be_read(db: &Db) {
    make_items(db).await;
    let insert = db.write("insert into items values ($1, $2)");
    assert_eq!(insert.bind(1).bind("one").execute().await.unwrap(), 1);
    let read = db.read().query("select name from items where id = $1");
    let row = read.bind(1).fetch_one::<(String,)>().await.unwrap();
    assert_eq!(row, ("one".to_owned(),));
    let change = db.write("update items set name = $2 where id = $1");
    assert_eq!(change.bind(2).bind("two").execute().await.unwrap(), 0);
}

pub(crate) async fn every_value_comes_back_as_it_went(db: &Db) {
    let id = Uuid::now_v7();
    let time = Timestamp::from_unix_micros(-1);
    for number in [0, i64::MIN, i64::MAX] {
        assert_eq!(
            echo::<i64>(db, "select cast($1 as bigint)", number).await,
            number
        );
    }
    for real in [0.0, -0.5, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY] {
        let text = "select cast($1 as double precision)";
        assert_eq!(echo::<f64>(db, text, real).await, real);
    }
    for text in ["", "naïve 🦀 'quoted' \"named\" $1 ?1 ; --"] {
        assert_eq!(
            echo::<String>(db, "select cast($1 as text)", text).await,
            text
        );
    }
    db.write(typed_table(db)).execute().await.unwrap();
    let insert = db.write("insert into kinds (a, b, c, d, e) values ($1, $2, $3, $4, $5)");
    let bytes: Vec<u8> = (0..=255).collect();
    let json = Json(vec![Some("x"), None]);
    let insert = insert
        .bind(true)
        .bind(bytes.clone())
        .bind(id)
        .bind(time)
        .bind(json);
    assert_eq!(insert.execute().await.unwrap(), 1);
    type Kinds = (bool, Vec<u8>, Uuid, Timestamp, Json<Vec<Option<String>>>);
    let read = db
        .read()
        .query("select a, b, c, d, e from kinds where a = $1 and c = $2");
    let (a, b, c, d, Json(e)) = read.bind(true).bind(id).fetch_one::<Kinds>().await.unwrap();
    assert_eq!((a, b, c, d), (true, bytes, id, time));
    assert_eq!(e, [Some("x".to_owned()), None]);
}

/// The column types differ between engines; the table is made with whichever works.
fn typed_table(db: &Db) -> &'static str {
    if db.config().url.starts_with("sqlite") {
        "create table kinds (a integer, b blob, c text, d integer, e text)"
    } else {
        "create table kinds (a boolean, b bytea, c uuid, d timestamptz, e jsonb)"
    }
}

async fn echo<T: purlin_sql::FromValue + Send + 'static>(
    db: &Db,
    text: &'static str,
    value: impl purlin_sql::IntoValue,
) -> T
where
    (T,): FromRow,
{
    let read = db.read().query(text).bind(value);
    read.fetch_one::<(T,)>().await.unwrap().0
}

pub(crate) async fn null_can_be_bound_for_every_type(db: &Db) {
    db.write(typed_table(db)).execute().await.unwrap();
    let none = None::<i64>;
    let insert = db.write("insert into kinds (a, b, c, d, e) values ($1, $2, $3, $4, $5)");
    let insert = insert
        .bind(none)
        .bind(none)
        .bind(none)
        .bind(none)
        .bind(none);
    assert_eq!(insert.execute().await.unwrap(), 1);
    let read = db
        .read()
        .query("select a, b, c, d from kinds where a is null");
    type Kinds = (
        Option<bool>,
        Option<Vec<u8>>,
        Option<Uuid>,
        Option<Timestamp>,
    );
    assert_eq!(
        read.fetch_one::<Kinds>().await.unwrap(),
        (None, None, None, None)
    );
}

pub(crate) async fn a_list_of_values_is_bound_one_by_one(db: &Db) {
    make_items(db).await;
    for id in 1..=3 {
        let insert = db.write("insert into items values ($1, 'x')");
        insert.bind(id).execute().await.unwrap();
    }
    let query = Query::new("select id from items where id in ")
        .push(Query::list([3, 1, 9]))
        .push(" order by id");
    let found = db.read().query(query).fetch_all::<(i64,)>().await.unwrap();
    assert_eq!(found, [(1,), (3,)]);
}

pub(crate) async fn rows_can_be_returned_by_a_write(db: &Db) {
    make_items(db).await;
    let insert = "insert into items values (1, 'a'), (2, 'b') returning id";
    let made = db.write(insert).fetch_all::<(i64,)>().await.unwrap();
    assert_eq!(made, [(1,), (2,)]);
    let delete = "delete from items returning name";
    let (first,) = db.write(delete).fetch_one::<(String,)>().await.unwrap();
    assert_eq!(first, "a");
    assert_eq!(count(db).await, 0);
}

pub(crate) async fn one_row_may_be_missing_or_not(db: &Db) {
    make_items(db).await;
    let read = || db.read().query("select id from items");
    assert_eq!(read().fetch_optional::<(i64,)>().await.unwrap(), None);
    let missing = read().fetch_one::<(i64,)>().await;
    assert!(matches!(missing, Err(SqlError::NoRow)), "{missing:?}");
}

pub(crate) async fn more_rows_than_the_bound_are_refused(db: &Db) {
    let rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1001)
                select i from n";
    let refused = db.read().query(rows).fetch_all::<(i64,)>().await;
    assert!(
        matches!(refused, Err(SqlError::TooManyRows { rows_max: 1000 })),
        "{refused:?}"
    );
}

#[derive(Debug)]
struct Panics;

impl FromRow for Panics {
    fn from_row(_: &Row<'_>) -> Result<Self, RowError> {
        panic!("the reading of a row");
    }
}

pub(crate) async fn a_panic_while_a_row_is_read_is_the_callers(db: &Db) {
    make_items(db).await;
    for write in [false, true] {
        let db = db.clone();
        let work = async move {
            if write {
                let insert = db.write("insert into items values (1, 'a') returning id");
                drop(insert.fetch_all::<Panics>().await);
            } else {
                drop(db.read().query("select 1").fetch_all::<Panics>().await);
            }
        };
        assert!(purlin_runtime_spawn(work).await, "the panic arrived");
    }
    // Nothing is stuck, and what was written before the panic is gone or there, not half.
    assert!(count(db).await <= 1);
    db.write("insert into items values (2, 'b')")
        .execute()
        .await
        .unwrap();
}

/// Runs `work` in a task. Whether it panicked.
#[allow(clippy::disallowed_methods, reason = "there is no context to carry")]
async fn purlin_runtime_spawn(work: impl Future<Output = ()> + Send + 'static) -> bool {
    tokio::spawn(work)
        .await
        .is_err_and(|error| error.is_panic())
}

pub(crate) async fn statements_are_counted_by_text_and_line(db: &Db) {
    make_items(db).await;
    let context = Context::builder().build();
    let work = async {
        for id in 0..3 {
            let read = db.read().query("select name from items where id = $1");
            read.bind(id).fetch_optional::<(String,)>().await.unwrap();
        }
        db.write("delete from items").execute().await.unwrap();
        let delete = async |tx: &mut purlin_sql::Tx| tx.query("delete from items").execute().await;
        db.transaction::<_, SqlError, _>(delete).await.unwrap();
    };
    context.clone().scope(work).await;
    context.statements(|log| {
        let seen: Vec<_> = log
            .counts()
            .iter()
            .map(|seen| (&*seen.shape, seen.count))
            .collect();
        assert_eq!(
            seen,
            [
                ("select name from items where id = $1", 3),
                ("delete from items", 1),
                ("delete from items", 1),
            ]
        );
        let files = log.counts().iter().map(|seen| seen.sent_from.file());
        assert!(files.clone().all(|file| file == file!()), "{files:?}");
    });
}

pub(crate) async fn many_writers_at_once_all_write(db: &Db) {
    make_items(db).await;
    let writes = (0..200).map(|id| {
        let insert = db.write("insert into items values ($1, 'x')").bind(id);
        insert.execute()
    });
    for outcome in futures_util::future::join_all(writes).await {
        assert_eq!(outcome.unwrap(), 1);
    }
    assert_eq!(count(db).await, 200);
}

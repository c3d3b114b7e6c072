//! Rows of any number, as a stream.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use purlin_base::Context;
use purlin_sql::{
    Db, FromRow, Row, RowError, RowStream, SqlConfig, SqlError,
    stream::{BATCH_BYTES, BATCH_ROWS, BATCHES_MAX},
};

use super::{count, make_items};

/// Longer than every batch in memory, and than a socket's buffers.
const MANY: i64 = 100_000;

/// The numbers from 1, made while they are read.
const NUMBERS: &str = "with recursive n(i) as (select cast(1 as bigint) union all \
                       select i + 1 from n where i < $1) select i from n";

/// Takes years, and no row comes before its end.
const ENDLESS: &str = "with recursive n(i) as (select cast(1 as bigint) union all \
                       select i + 1 from n where i > 0) select cast(count(*) as bigint) from n";

async fn numbers(db: &Db, last: i64) -> RowStream<(i64,)> {
    let query = db.read().query(NUMBERS).bind(last);
    query.stream().await.unwrap()
}

/// The same engine with other bounds.
async fn bounded(db: &Db, change: impl FnOnce(&mut SqlConfig)) -> Db {
    let mut config = db.config().clone();
    change(&mut config);
    Db::connect(config).await.unwrap()
}

async fn all<T>(rows: &mut RowStream<T>) -> Result<Vec<T>, SqlError> {
    let mut all = Vec::new();
    while let Some(row) = rows.next().await {
        all.push(row?);
    }
    assert!(rows.next().await.is_none(), "nothing follows the end");
    Ok(all)
}

pub(crate) async fn a_stream_gives_every_row_in_order_beyond_the_bound_of_a_list(db: &Db) {
    for last in [1, 255, 256, 257, 512, MANY] {
        assert!(MANY > db.config().rows_max as i64);
        let rows = all(&mut numbers(db, last).await).await.unwrap();
        assert!(rows.into_iter().map(|(i,)| i).eq(1..=last), "{last}");
    }
    make_items(db).await;
    let none = db.read().query("select id from items where name = $1");
    let mut none = none.bind("nobody").stream::<(i64,)>().await.unwrap();
    assert!(none.next().await.is_none());
}

pub(crate) async fn a_stream_is_counted_once(db: &Db) {
    let context = Context::builder().build();
    let read = async { all(&mut numbers(db, 2000).await).await.unwrap() };
    assert_eq!(context.clone().scope(read).await.len(), 2000);
    assert_eq!(context.statements(|log| log.total()), 1);
}

pub(crate) async fn a_fault_of_the_statement_is_told_before_the_first_row(db: &Db) {
    let missing = db.read().query("select id from nowhere");
    let missing = missing.stream::<(i64,)>().await;
    assert!(
        matches!(missing, Err(SqlError::Statement(_))),
        "{missing:?}"
    );
    let fewer = db.read().query("select $1").stream::<(i64,)>().await;
    assert!(matches!(fewer, Err(SqlError::Placeholders { .. })));
    let wrong = db.read().query("select 'one'").stream::<(i64,)>().await;
    assert!(matches!(wrong, Err(SqlError::Row(_))), "{wrong:?}");
    // The connections are good for more.
    for _ in 0..4 {
        assert_eq!(all(&mut numbers(db, 3).await).await.unwrap().len(), 3);
    }
}

pub(crate) async fn a_fault_in_the_middle_ends_the_stream(db: &Db) {
    let late = "with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n \
                where i < 5000) select case when i = 4000 then null else i end from n";
    let mut rows = db.read().query(late).stream::<(i64,)>().await.unwrap();
    let error = all(&mut rows).await.unwrap_err();
    assert!(matches!(error, SqlError::Row(_)), "{error:?}");
    assert!(rows.next().await.is_none(), "nothing follows an error");
}

/// A row that counts those of its kind that have been read.
struct Counted;

static READ: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

/// Which engine's case is counting; they may run side by side.
fn read(db: &Db) -> &'static AtomicUsize {
    &READ[engine(db)]
}

fn engine(db: &Db) -> usize {
    match (db.engine(), db.config().inline_budget.is_zero()) {
        ("sqlite", false) => 0,
        ("sqlite", true) => 1,
        _ => 2,
    }
}

impl FromRow for Counted {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        let at: i64 = row.get_at(0)?;
        READ[at as usize].fetch_add(1, Relaxed);
        Ok(Self)
    }
}

pub(crate) async fn rows_that_nobody_takes_are_not_read(db: &Db) {
    let many = "with recursive n(i) as (select cast(1 as bigint) union all \
                select i + 1 from n where i < 100000) select $1 as at from n";
    let query = db.read().query(many).bind(engine(db) as i64);
    let mut rows = query.stream::<Counted>().await.unwrap();
    let max = BATCH_ROWS * BATCHES_MAX;
    for taken in 1..=5000 {
        rows.next().await.unwrap().unwrap();
        let ahead = read(db).load(Relaxed) - taken;
        assert!(ahead <= max, "{ahead} rows ahead of the caller");
    }
}

pub(crate) async fn large_rows_make_small_batches(db: &Db) {
    // Each row holds half of what a batch may; ten batches would hold more than 256 rows.
    let size = BATCH_BYTES / 2;
    let large = "with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n \
                 where i < 1000) select $1 as at, $2 as filling from n";
    let filling = "x".repeat(size);
    let query = db.read().query(large).bind(engine(db) as i64).bind(filling);
    let mut rows = query.stream::<Large>().await.unwrap();
    for taken in 1..=100 {
        rows.next().await.unwrap().unwrap();
        let ahead = LARGE_READ[engine(db)].load(Relaxed) - taken;
        assert!(ahead <= 2 * BATCHES_MAX, "{ahead} large rows ahead");
    }
}

struct Large;

static LARGE_READ: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

impl FromRow for Large {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        let (at, filling): (i64, String) = (row.get_at(0)?, row.get_at(1)?);
        assert_eq!(filling.len(), BATCH_BYTES / 2);
        LARGE_READ[at as usize].fetch_add(1, Relaxed);
        Ok(Self)
    }
}

pub(crate) async fn a_stream_that_is_dropped_stops_its_statement_and_frees_its_connection(db: &Db) {
    // More than there are connections for streams: each must come free for the next.
    for _ in 0..2 * db.config().streams {
        let mut rows = numbers(db, i64::MAX).await;
        assert_eq!(rows.next().await.unwrap().unwrap(), (1,));
        drop(rows);
    }
    assert_eq!(all(&mut numbers(db, 5).await).await.unwrap().len(), 5);
}

pub(crate) async fn a_call_that_is_dropped_before_the_first_row_stops_its_statement(db: &Db) {
    for _ in 0..2 * db.config().streams {
        let endless = db.read().query(ENDLESS).stream::<(i64,)>();
        // The statement is under way when another stream has been read beside it.
        tokio::select! {
            biased;
            never = endless => panic!("{never:?}"),
            _ = async { all(&mut numbers(db, MANY).await).await.unwrap() } => {}
        }
    }
    assert_eq!(all(&mut numbers(db, 5).await).await.unwrap().len(), 5);
}

pub(crate) async fn streams_do_not_starve_reads_and_their_number_is_bounded(db: &Db) {
    make_items(db).await;
    let mut open = Vec::new();
    for _ in 0..db.config().streams {
        open.push(numbers(db, i64::MAX).await);
    }
    for _ in 0..2 * db.config().readers {
        assert_eq!(count(db).await, 0);
    }
    let hasty = bounded(db, |c| {
        (c.streams, c.acquire_timeout) = (1, Duration::from_secs(1));
    });
    let hasty = hasty.await;
    let only = numbers(&hasty, i64::MAX).await;
    let query = hasty.read().query(NUMBERS).bind(1);
    let one_more = query.stream::<(i64,)>().await;
    assert!(matches!(one_more, Err(SqlError::Exhausted)), "{one_more:?}");
    drop(only);
    assert_eq!(all(&mut numbers(&hasty, 1).await).await.unwrap(), [(1,)]);
    hasty.close().await;
}

pub(crate) async fn a_stream_sees_the_state_in_which_it_began_and_holds_up_no_write(db: &Db) {
    make_items(db).await;
    for id in 0..2000 {
        let insert = db.write("insert into items values ($1, $2)");
        insert.bind(id).bind("before").execute().await.unwrap();
    }
    let names = db.read().query("select name from items order by id");
    let mut rows = names.stream::<(String,)>().await.unwrap();
    rows.next().await.unwrap().unwrap();
    let change = db.write("update items set name = $1").bind("after");
    assert_eq!(change.execute().await.unwrap(), 2000);
    let rest = all(&mut rows).await.unwrap();
    assert!(rest.iter().all(|(name,)| name == "before"));
    assert_eq!(rest.len(), 1999);
}

pub(crate) async fn a_stream_whose_rows_are_not_taken_is_ended(db: &Db) {
    let db = bounded(db, |c| {
        (c.streams, c.stream_stall) = (1, Duration::from_millis(200));
    });
    let db = db.await;
    let mut rows = numbers(&db, i64::MAX).await;
    rows.next().await.unwrap().unwrap();
    // There is a connection for this one when the first has been given up.
    assert_eq!(all(&mut numbers(&db, 1).await).await.unwrap(), [(1,)]);
    let error = all(&mut rows).await.unwrap_err();
    assert!(matches!(error, SqlError::Stalled { .. }), "{error:?}");
    db.close().await;
}

pub(crate) async fn a_stream_that_takes_too_long_is_ended(db: &Db) {
    let db = bounded(db, |c| c.stream_deadline = Duration::from_millis(500)).await;
    let error = all(&mut numbers(&db, i64::MAX).await).await.unwrap_err();
    assert!(matches!(error, SqlError::Deadline { .. }), "{error:?}");
    let endless = db.read().query(ENDLESS).stream::<(i64,)>().await;
    let error = endless.unwrap_err();
    assert!(matches!(error, SqlError::Deadline { .. }), "{error:?}");
    db.close().await;
}

pub(crate) async fn closing_the_database_ends_its_streams(db: &Db) {
    let mut rows = numbers(db, i64::MAX).await;
    db.close().await;
    let error = all(&mut rows).await.unwrap_err();
    assert!(matches!(error, SqlError::Closed), "{error:?}");
    let late = db.read().query(NUMBERS).bind(1).stream::<(i64,)>().await;
    assert!(matches!(late, Err(SqlError::Closed)), "{late:?}");
}

pub(crate) async fn a_panic_while_a_row_of_a_stream_is_read_is_the_callers(db: &Db) {
    struct Bad;
    impl FromRow for Bad {
        fn from_row(_: &Row<'_>) -> Result<Self, RowError> {
            panic!("a row that panics");
        }
    }
    let reading = db.clone();
    let task =
        purlin_runtime::spawn(
            async move { reading.read().query("select 1").stream::<Bad>().await },
        );
    assert!(task.await.unwrap_err().is_panic());
    for _ in 0..4 {
        assert_eq!(all(&mut numbers(db, 3).await).await.unwrap().len(), 3);
    }
}

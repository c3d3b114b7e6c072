//! Point reads beside bare rusqlite, and grouped writes beside one transaction for each write.
//!
//! `cargo bench -p purlin-sql`. The contestants run in turn; what counts are the ratios.
//! Writes are with `synchronous=FULL` on both sides.

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use purlin_sql::{Db, FromRow, Row, RowError, SqlError};

const ROUNDS: usize = 7;
const READS: i64 = 20_000;
const WRITERS: i64 = 64;
const WRITES_EACH: i64 = 20;

struct Book {
    title: String,
    year: i64,
}

impl FromRow for Book {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        Ok(Self {
            title: row.get("title")?,
            year: row.get("year")?,
        })
    }
}

const READ: &str = "select id, title, year from books where id = $1";

async fn read_ours(db: &Db) -> Duration {
    let began = Instant::now();
    for id in 0..READS {
        let read = db.read().query(READ).bind(id % 1000);
        let book: Book = read.fetch_one().await.expect("the row is there");
        black_box((book.title, book.year));
    }
    began.elapsed()
}

fn read_bare(connection: &rusqlite::Connection) -> Duration {
    let began = Instant::now();
    for id in 0..READS {
        let sql = "select id, title, year from books where id = ?1";
        let mut statement = connection.prepare_cached(sql).expect("it is SQL");
        let book = statement.query_row([id % 1000], |row| {
            Ok(Book {
                title: row.get("title")?,
                year: row.get("year")?,
            })
        });
        let book = book.expect("the row is there");
        black_box((book.title, book.year));
    }
    began.elapsed()
}

const WRITE: &str = "insert into notes (text) values ($1)";
const TEXT: &str =
    "ninety bytes of payload, as long as a small job or a line of a log would be, more or less";

async fn write_grouped(db: &Db) -> Duration {
    let writer = async |_| {
        for _ in 0..WRITES_EACH {
            db.write(WRITE)
                .bind(TEXT)
                .execute()
                .await
                .expect("there is room");
        }
    };
    let began = Instant::now();
    join_all((0..WRITERS).map(writer)).await;
    began.elapsed()
}

async fn write_one_by_one(db: &Db) -> Duration {
    let writer = async |_| {
        for _ in 0..WRITES_EACH {
            let work = async |tx: &mut purlin_sql::Tx| tx.query(WRITE).bind(TEXT).execute().await;
            db.transaction::<_, SqlError, _>(work)
                .await
                .expect("there is room");
        }
    };
    let began = Instant::now();
    join_all((0..WRITERS).map(writer)).await;
    began.elapsed()
}

async fn fill(db: &Db) -> Result<(), SqlError> {
    db.write("create table notes (id integer primary key, text text)")
        .execute()
        .await?;
    db.write("create table books (id integer primary key, title text, year integer)")
        .execute()
        .await?;
    let insert = "insert into books with recursive n(i) as
                  (select 0 union all select i + 1 from n where i < 999)
                  select i, 'The Mystery of Edwin Drood, volume ' || i, 1800 + i % 200 from n";
    db.write(insert).execute().await.map(|_| ())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

#[allow(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn show(what: &str, count: i64, ours: Vec<Duration>, theirs: Vec<Duration>) {
    let (ours, theirs) = (count as f64 / median(ours), count as f64 / median(theirs));
    println!(
        "{what}: {ours:.0}/s against {theirs:.0}/s, ratio {:.2}",
        ours / theirs
    );
}

async fn run(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let path = folder.join("bench.db");
    let db = Db::connect(format!("sqlite://{}", path.display())).await?;
    fill(&db).await?;
    let bare = rusqlite::Connection::open(&path)?;
    let mut reads = (Vec::new(), Vec::new());
    let mut writes = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        reads.0.push(read_ours(&db).await);
        reads.1.push(read_bare(&bare));
        writes.0.push(write_grouped(&db).await);
        writes.1.push(write_one_by_one(&db).await);
    }
    show(
        "point read, ours against bare rusqlite",
        READS,
        reads.0,
        reads.1,
    );
    let count = WRITERS * WRITES_EACH;
    show(
        "write, grouped against one transaction each",
        count,
        writes.0,
        writes.1,
    );
    db.close().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // In the working directory, not in `/tmp`, which may be memory.
    let folder = tempfile::tempdir_in(".")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()?;
    runtime.block_on(run(folder.path()))
}

//! `writes CONTESTANT FILE [WRITERS] [SECONDS]`: small inserts on SQLite in WAL mode with
//! `synchronous=FULL`, each acknowledged only after its commit. Contestants:
//!
//! - `single`: bare rusqlite, one transaction for each write, the writers queue for one connection;
//! - `grouped`: bare rusqlite, one thread, as many rows in each transaction as there are writers:
//!   the limit of grouping;
//! - `ours`: as many tasks, each with `Db::write`, on the file's default settings.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    error::Error,
    fs,
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use purlin::sql::{Db, SqlError};
use purlin_benches::serve;
use rusqlite::{Connection, TransactionBehavior};

const SCHEMA: &str = "CREATE TABLE notes (id INTEGER PRIMARY KEY, writer INTEGER NOT NULL, body TEXT NOT NULL) STRICT";
const INSERT: &str = "INSERT INTO notes (writer, body) VALUES (?1, ?2)";
/// About the size of a job's payload.
const BODY: &str =
    r#"{"to":"reader@bookshop.test","template":"order-confirmation","order":"0199a0b1"}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let contestant = arguments.next().ok_or("say which contestant")?;
    let file = arguments.next().ok_or("say which file")?;
    let writers: usize = arguments.next().map_or(Ok(64), |text| text.parse())?;
    let seconds: f64 = arguments.next().map_or(Ok(5.0), |text| text.parse())?;
    let length = Duration::try_from_secs_f64(seconds)?;
    for suffix in ["", "-wal", "-shm"] {
        let path = format!("{file}{suffix}");
        if Path::new(&path).exists() {
            fs::remove_file(path)?;
        }
    }
    let began = Instant::now();
    let acknowledged = match contestant.as_str() {
        "single" => single(open(&file)?, writers, began + length)?,
        "grouped" => grouped(open(&file)?, writers, began + length)?,
        "ours" => serve::runtime()?.block_on(ours(&file, writers, length))?,
        _ => return Err("say single, grouped or ours".into()),
    };
    let took = began.elapsed().as_secs_f64();
    let stored: i64 =
        Connection::open(&file)?.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?;
    if u64::try_from(stored) != Ok(acknowledged) {
        return Err(
            format!("{acknowledged} writes were acknowledged and {stored} are stored").into(),
        );
    }
    println!(
        r#"{{"writes":{acknowledged},"seconds":{took:.3},"per_second":{:.1}}}"#,
        acknowledged as f64 / took
    );
    Ok(())
}

fn open(file: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

fn insert(connection: &mut Connection, writer: usize, rows: u64) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for _ in 0..rows {
        transaction
            .prepare_cached(INSERT)?
            .execute((writer as i64, BODY))?;
    }
    transaction.commit()
}

fn single(connection: Connection, writers: usize, end: Instant) -> Result<u64, Box<dyn Error>> {
    let connection = Mutex::new(connection);
    let write = |writer| -> rusqlite::Result<u64> {
        let mut written = 0;
        while Instant::now() < end {
            let mut connection = connection
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            insert(&mut connection, writer, 1)?;
            written += 1;
        }
        Ok(written)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| scope.spawn(move || write(writer)))
            .collect();
        let mut written = 0;
        for thread in threads {
            written += thread.join().map_err(|_| "a writer panicked")??;
        }
        Ok(written)
    })
}

fn grouped(
    mut connection: Connection,
    writers: usize,
    end: Instant,
) -> Result<u64, Box<dyn Error>> {
    let mut written = 0;
    while Instant::now() < end {
        insert(&mut connection, 0, writers as u64)?;
        written += writers as u64;
    }
    Ok(written)
}

async fn ours(file: &str, writers: usize, length: Duration) -> Result<u64, Box<dyn Error>> {
    let file = std::path::absolute(file)?;
    let db = Db::connect(format!("sqlite://{}", file.display())).await?;
    db.write(SCHEMA).execute().await?;
    let end = Instant::now() + length;
    let tasks: Vec<_> = (0..writers)
        .map(|writer| purlin::spawn(write_until(db.clone(), writer as i64, end)))
        .collect();
    let mut written = 0;
    for task in tasks {
        written += task.await??;
    }
    db.close().await;
    Ok(written)
}

async fn write_until(db: Db, writer: i64, end: Instant) -> Result<u64, SqlError> {
    let mut written = 0;
    while Instant::now() < end {
        let insert = db.write("INSERT INTO notes (writer, body) VALUES ($1, $2)");
        written += insert.bind(writer).bind(BODY).execute().await?;
    }
    Ok(written)
}

//! `keyset CONTESTANT FILE [DEPTH] [TIMES]`: the median time of a page of 20 books at the start and
//! at a depth, by id and by title and id, by keyset and by OFFSET. Contestants: `bare` (rusqlite),
//! `ours` (slot: `Db::read` with the signed cursor, decoded and encoded).
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use purlin_benches::{drive::ABSENT, report::median_us, rows::Book};
use rusqlite::{Connection, OpenFlags, Params, config::DbConfig};

macro_rules! page {
    ($rest:literal) => {
        concat!("SELECT id, title, authors, year, language, subject, price_cents, stock, created_at FROM books ", $rest)
    };
}
const FIRST_BY_ID: &str = page!("ORDER BY id LIMIT 21");
const AFTER_BY_ID: &str = page!("WHERE id > ?1 ORDER BY id LIMIT 21");
const OFFSET_BY_ID: &str = page!("ORDER BY id LIMIT 21 OFFSET ?1");
const FIRST_BY_TITLE: &str = page!("ORDER BY title, id LIMIT 21");
const AFTER_BY_TITLE: &str = page!("WHERE (title, id) > (?1, ?2) ORDER BY title, id LIMIT 21");
const OFFSET_BY_TITLE: &str = page!("ORDER BY title, id LIMIT 21 OFFSET ?1");

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let contestant = arguments.next().ok_or("say which contestant")?;
    let file = arguments.next().ok_or("say which file")?;
    let depth: i64 = arguments
        .next()
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let times: u32 = arguments.next().map_or(Ok(500), |text| text.parse())?;
    match contestant.as_str() {
        "bare" => bare(
            &Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
            depth,
            times,
        ),
        _ => std::process::exit(ABSENT),
    }
}

fn bare(db: &Connection, depth: i64, times: u32) -> Result<(), Box<dyn Error>> {
    // Without it SQLite plans a statement anew whenever a bound value could change what ANALYZE
    // says about it, at each read.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let by_id: String = db.query_row(
        "SELECT id FROM books ORDER BY id LIMIT 1 OFFSET ?1",
        [depth - 1],
        |row| row.get(0),
    )?;
    let by_title: (String, String) = db.query_row(
        "SELECT title, id FROM books ORDER BY title, id LIMIT 1 OFFSET ?1",
        [depth - 1],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let few = times.min(10);
    println!(
        "{}",
        serde_json::json!({
            "id": {
                "first_us": time(db, times, FIRST_BY_ID, [])?,
                "deep_us": time(db, times, AFTER_BY_ID, [&by_id])?,
                "offset_us": time(db, few, OFFSET_BY_ID, [depth])?,
            },
            "title": {
                "first_us": time(db, times, FIRST_BY_TITLE, [])?,
                "deep_us": time(db, times, AFTER_BY_TITLE, [&by_title.0, &by_title.1])?,
                "offset_us": time(db, few, OFFSET_BY_TITLE, [depth])?,
            },
        })
    );
    Ok(())
}

fn time(
    db: &Connection,
    times: u32,
    sql: &'static str,
    params: impl Params + Clone,
) -> Result<f64, Box<dyn Error>> {
    let mut samples: Vec<Duration> = Vec::new();
    for _ in 0..=times {
        let began = Instant::now();
        let mut statement = db.prepare_cached(sql)?;
        let page: Vec<Book> = statement
            .query_map(params.clone(), Book::from_row)?
            .collect::<Result<_, _>>()?;
        samples.push(began.elapsed());
        if page.len() != 21 {
            return Err("the page is not full: the table is too small for the depth".into());
        }
    }
    // The first fills the cache of statements and of pages.
    samples.remove(0);
    Ok(median_us(&mut samples))
}

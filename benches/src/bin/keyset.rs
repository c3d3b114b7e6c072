//! `keyset CONTESTANT FILE [DEPTH] [TIMES]`: the median time of a page of 20 books at the start and
//! at a depth, by id and by title and id, by keyset and by OFFSET. Contestants: `bare` (rusqlite),
//! `ours` (`Keyset::fetch` on `Db::read`, with the signed cursor checked and the next ones signed).
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use purlin::{
    base::page::PageInfo,
    sql::{
        Db, FromRow, Query,
        cursor::CursorSigner,
        keyset::{Keyset, PageRequest},
    },
};
use purlin_benches::{report::median_us, rows::Book, serve};
use rusqlite::{Connection, OpenFlags, Params, config::DbConfig};

macro_rules! page {
    ($rest:literal) => {
        concat!("SELECT id, title, authors, year, language, subject, price_cents, stock, created_at FROM books ", $rest)
    };
}
const BASE: &str = page!("");
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
            &Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
            depth,
            times,
        ),
        "ours" => serve::runtime()?.block_on(ours(&file, depth, times)),
        _ => Err("say bare or ours".into()),
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

/// A row as ours reads it.
#[derive(FromRow)]
#[allow(
    dead_code,
    reason = "what a page costs is measured, not what is done with it"
)]
struct Listed {
    id: String,
    title: String,
    #[row(json)]
    authors: serde_json::Value,
    year: i64,
    language: String,
    subject: String,
    price_cents: i64,
    stock: i64,
    created_at: String,
}

async fn ours(file: &str, depth: i64, times: u32) -> Result<(), Box<dyn Error>> {
    let file = std::path::absolute(file)?;
    let db = Db::connect(format!("sqlite://{}", file.display())).await?;
    let by = Keyset::<Listed>::named;
    let title = by("title").asc("title", |b| b.title.clone());
    let id = walk(&db, &by("id").unique("id", |b| b.id.clone()), depth, times).await?;
    let title = title.unique("id", |b| b.id.clone());
    let title = walk(&db, &title, depth, times).await?;
    println!("{}", serde_json::json!({ "id": id, "title": title }));
    db.close().await;
    Ok(())
}

async fn walk(
    db: &Db,
    order: &Keyset<Listed>,
    depth: i64,
    times: u32,
) -> Result<serde_json::Value, Box<dyn Error>> {
    let signer = CursorSigner::new([7; 32])?;
    let first = PageRequest::new(Some(20), None);
    // The rows before the depth, handed in as a page of their own, give the cursor there.
    let rows = db
        .read()
        .query(skipping(order, depth - 20))
        .fetch_all()
        .await?;
    let page = order
        .page(&signer, &first, Query::new(BASE))?
        .finish(rows)?;
    let PageInfo::Cursor(info) = page.page else {
        return Err("a page by cursor was asked for".into());
    };
    let deep = PageRequest::new(Some(20), info.next_cursor.as_deref());
    let mut offset = Vec::new();
    for _ in 0..=times.min(10) {
        let began = Instant::now();
        let rows: Vec<Listed> = db.read().query(skipping(order, depth)).fetch_all().await?;
        offset.push(began.elapsed());
        full(rows.len(), 21)?;
    }
    Ok(serde_json::json!({
        "first_us": fetch(db, order, &signer, &first, times).await?,
        "deep_us": fetch(db, order, &signer, &deep, times).await?,
        "offset_us": median_us(&mut offset),
    }))
}

/// Deeper than the offsets that a `Keyset` allows, so written out.
fn skipping(order: &Keyset<Listed>, rows: i64) -> Query {
    let by = if order.name() == "id" {
        " ORDER BY id"
    } else {
        " ORDER BY title, id"
    };
    Query::new(BASE)
        .push(by)
        .push(Query::new(" LIMIT 21 OFFSET $1").bind(rows))
}

async fn fetch(
    db: &Db,
    order: &Keyset<Listed>,
    signer: &CursorSigner,
    request: &PageRequest<'_>,
    times: u32,
) -> Result<f64, Box<dyn Error>> {
    let mut samples = Vec::new();
    for _ in 0..=times {
        let began = Instant::now();
        let page = order.fetch(db.read(), signer, *request, BASE).await?;
        samples.push(began.elapsed());
        full(page.items.len(), 20)?;
    }
    samples.remove(0);
    Ok(median_us(&mut samples))
}

fn full(rows: usize, wanted: usize) -> Result<(), Box<dyn Error>> {
    if rows == wanted {
        return Ok(());
    }
    Err("the page is not full: the table is too small for the depth".into())
}

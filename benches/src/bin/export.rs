//! `export`: a table as CSV in gzip, streamed out of the database, behind the default layers.

use std::{error::Error, time::Instant};

use purlin::{
    http::{Edge, Health, Mount, Problem, Route, Router, Routes, Server, stream::Csv},
    prelude::*,
    runtime::CpuPool,
    sql::{FromRow, Json, Row, RowError},
};
use purlin_benches::serve;
use serde::{Deserialize, Serialize};

const COLUMNS: &[&str] = &[
    "id",
    "title",
    "authors",
    "year",
    "language",
    "subject",
    "price_cents",
    "stock",
];

/// The same text as the peers send.
const SELECT: &str = "SELECT id, title, authors, year, language, subject, price_cents, stock \
                      FROM books ORDER BY id";

#[derive(Serialize)]
struct Record {
    id: String,
    title: String,
    authors: String,
    year: i64,
    language: String,
    subject: String,
    price_cents: i64,
    stock: i64,
}

#[derive(Deserialize)]
struct Author {
    name: String,
}

impl FromRow for Record {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        let Json(authors) = row.get_at::<Json<Vec<Author>>>(2)?;
        let names: Vec<_> = authors.into_iter().map(|author| author.name).collect();
        Ok(Self {
            id: row.get_at(0)?,
            title: row.get_at(1)?,
            authors: names.join(";"),
            year: row.get_at(3)?,
            language: row.get_at(4)?,
            subject: row.get_at(5)?,
            price_cents: row.get_at(6)?,
            stock: row.get_at(7)?,
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    serve::runtime()?.block_on(export(since))
}

async fn export(since: Instant) -> Result<(), Box<dyn Error>> {
    let db = Db::connect(format!("sqlite://{}", std::env::var("DB")?)).await?;
    let pool = CpuPool::builder().build()?;
    let handler = move || {
        let (db, pool) = (db.clone(), pool.clone());
        async move {
            let books = db.read().query(SELECT).stream::<Record>().await?;
            Ok::<_, Problem>(Csv::new(COLUMNS, books).filename("books.csv.gz").gz(&pool))
        }
    };
    let routes = Routes::at("/").route(Route::get("/books.csv.gz").public().handler(handler));
    let router = Mount::new().routes(routes).build()?.router;
    let server = Server::bind(([127, 0, 0, 1], serve::port()).into()).await?;
    let (edge, health) = (Edge::new(), Health::new());
    let running = server.serve(&edge, &health, router, Router::new());
    health.set_ready();
    serve::announce(running.address(), since);
    std::future::pending::<()>().await;
    drop(running);
    Ok(())
}

//! The bookshop's answer to `GET /api/v2/books/{id}` by hand: bare axum and bare rusqlite on the
//! bookshop's own database, the same bytes in the body, and nothing else of what it does.

use std::{cell::RefCell, path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, types::Type};
use serde::Serialize;

const BY_ID: &str = "select id, title, authors, year, language, subject, price_cents, stock, created_at from books where id = ?1";

#[derive(Debug, Serialize)]
struct Author {
    name: String,
}

#[derive(Debug, Serialize)]
struct Link {
    href: String,
}

#[derive(Debug, Serialize)]
struct Links {
    #[serde(rename = "self")]
    this: Link,
    collection: Link,
    cover: Link,
    reviews: Link,
}

#[derive(Debug, Serialize)]
struct Book {
    id: String,
    title: String,
    authors: Vec<Author>,
    year: i64,
    language: String,
    subject: String,
    price_cents: i64,
    stock: i64,
    created_at: String,
    #[serde(rename = "_links")]
    links: Links,
}

fn book(row: &Row<'_>) -> rusqlite::Result<Book> {
    let wrong =
        |column, error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error);
    let id: String = row.get(0)?;
    let authors: String = row.get(2)?;
    let names: Vec<String> =
        serde_json::from_str(&authors).map_err(|error| wrong(2, error.into()))?;
    let created_at: DateTime<Utc> = DateTime::from_timestamp_micros(row.get(8)?)
        .ok_or_else(|| wrong(8, "no such time".into()))?;
    let link = |href| Link { href };
    Ok(Book {
        links: Links {
            this: link(format!("/api/v2/books/{id}")),
            collection: link("/api/v2/books".to_owned()),
            cover: link(format!("/api/v2/books/{id}/cover")),
            reviews: link(format!("/api/v2/books/{id}/reviews")),
        },
        id,
        title: row.get(1)?,
        authors: names.into_iter().map(|name| Author { name }).collect(),
        year: row.get(3)?,
        language: row.get(4)?,
        subject: row.get(5)?,
        price_cents: row.get(6)?,
        stock: row.get(7)?,
        created_at: created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
    })
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

fn by_id(path: &PathBuf, id: &str) -> rusqlite::Result<Option<Book>> {
    CONNECTION.with_borrow_mut(|slot| {
        let connection = match slot {
            Some(connection) => connection,
            None => slot.insert(Connection::open_with_flags(
                path,
                OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?),
        };
        connection
            .prepare_cached(BY_ID)?
            .query_row([id], book)
            .optional()
    })
}

async fn read(State(path): State<Arc<PathBuf>>, Path(id): Path<String>) -> Response {
    match by_id(&path, &id) {
        Ok(Some(book)) => Json(book).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The route, if `SHOP` names the bookshop's database.
pub fn router() -> Router {
    let Some(path) = std::env::var_os("SHOP") else {
        return Router::new();
    };
    Router::new()
        .route("/api/v2/books/{id}", get(read))
        .with_state(Arc::new(path.into()))
}

//! A book as the database keeps it.

use purlin::sql::{FromRow, Json, Query};
use purlin_base::Timestamp;
use uuid::Uuid;

use super::{Author, Book, BookInput, Identity, search_text, sort_key};

/// A row of `books`.
#[derive(FromRow)]
pub(super) struct BookRow {
    pub(super) id: Uuid,
    title: String,
    #[row(json)]
    authors: Vec<String>,
    pub(super) year: i32,
    language: String,
    subject: String,
    pub(super) price_cents: i64,
    stock: i64,
    created_at: Timestamp,
    version: i64,
}

/// A row of a list. Every column that a list is sorted by is in it.
#[derive(FromRow)]
pub(super) struct ListedRow {
    #[row(flatten)]
    pub(super) book: BookRow,
    pub(super) title_key: String,
}

impl From<ListedRow> for Book {
    fn from(row: ListedRow) -> Self {
        row.book.into()
    }
}

impl From<BookRow> for Book {
    fn from(row: BookRow) -> Self {
        let author = |name| Author { name };
        Self {
            id: row.id,
            content: BookInput {
                title: row.title,
                authors: row.authors.into_iter().map(author).collect(),
                year: row.year,
                language: row.language,
                subject: row.subject,
                price_cents: row.price_cents,
                stock: row.stock,
            },
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// The columns of a [`BookRow`], with what stands around them.
macro_rules! book_columns {
    ($before:literal $behind:literal) => {
        concat!(
            $before,
            "id, title, authors, year, language, subject, price_cents, stock, created_at, version",
            $behind
        )
    };
}

/// Every book: the beginning of a `select`.
pub(super) const SELECT: &str = book_columns!("select " " from books");

/// Every book of a list: the beginning of a `select`.
pub(super) const SELECT_LISTED: &str = book_columns!("select " ", title_key from books");

/// The book with one id: whole, since a statement that is put together is put together each time.
pub(super) const SELECT_BY_ID: &str = book_columns!("select " " from books where id = $1");

/// What a change answers with.
pub(super) const RETURNING: &str = book_columns!(" returning " "");

/// Writes `book`, new, with version 1.
pub(super) fn insert(book: &Book) -> Query {
    bind_content(
        Query::new(
            "insert into books (title, title_key, search, authors, year, language, subject, \
             price_cents, stock, identity, id, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        ),
        &book.content,
    )
    .bind(book.id)
    .bind(book.created_at)
}

/// Replaces the whole content of the book `id`; conditions may follow.
pub(super) fn update(id: Uuid, content: &BookInput) -> Query {
    bind_content(
        Query::new(
            "update books set title = $1, title_key = $2, search = $3, authors = $4, year = $5, \
             language = $6, subject = $7, price_cents = $8, stock = $9, identity = $10, \
             version = version + 1 where id = $11",
        ),
        content,
    )
    .bind(id)
}

/// Binds the first ten placeholders.
fn bind_content(query: Query, content: &BookInput) -> Query {
    let names: Vec<&str> = content.author_names().collect();
    query
        .bind(&content.title)
        .bind(sort_key(&content.title))
        .bind(search_text(&content.title, content.author_names()))
        .bind(Json(names))
        .bind(content.year)
        .bind(&content.language)
        .bind(&content.subject)
        .bind(content.price_cents)
        .bind(content.stock)
        .bind(Identity::of(content).to_string())
}

//! A book as version 1 of the API shows it.

use purlin_base::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{super::Book, BookInputV1};

/// Where books are in version 1.
pub const BOOKS_PATH_V1: &str = "/api/v1/books";

/// A book as version 1 of the API shows it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct BookViewV1 {
    id: Uuid,
    #[serde(flatten)]
    content: BookInputV1,
    created_at: Timestamp,
}

impl From<Book> for BookViewV1 {
    fn from(book: Book) -> Self {
        Self {
            id: book.id,
            content: book.content.into(),
            created_at: book.created_at,
        }
    }
}

/// Where the book `id` is.
pub(super) fn path(id: Uuid) -> String {
    format!("{BOOKS_PATH_V1}/{id}")
}

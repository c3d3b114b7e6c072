//! A book as version 2 of the API shows it.

use purlin_base::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{Book, BookInput};

/// Where books are.
pub const BOOKS_PATH: &str = "/api/v2/books";

/// A book as version 2 of the API shows it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct BookView {
    id: Uuid,
    #[serde(flatten)]
    content: BookInput,
    created_at: Timestamp,
    #[serde(rename = "_links")]
    links: BookLinks,
}

/// Where to go from a book.
#[derive(Clone, Debug, JsonSchema, Serialize)]
struct BookLinks {
    #[serde(rename = "self")]
    this: Link,
    collection: Link,
    cover: Link,
    reviews: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    update: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete: Option<Link>,
}

/// One place to go.
#[derive(Clone, Debug, JsonSchema, Serialize)]
struct Link {
    href: String,
}

impl BookView {
    /// `book` with what staff may do with it, if staff is asking.
    pub fn new(book: Book, for_staff: bool) -> Self {
        let href = path(book.id);
        let link = |tail: &str| Link {
            href: [&href, tail].concat(),
        };
        let links = BookLinks {
            this: link(""),
            collection: Link {
                href: BOOKS_PATH.to_owned(),
            },
            cover: link("/cover"),
            reviews: link("/reviews"),
            update: for_staff.then(|| link("")),
            delete: for_staff.then(|| link("")),
        };
        Self {
            id: book.id,
            content: book.content,
            created_at: book.created_at,
            links,
        }
    }
}

/// Where the book `id` is.
pub(super) fn path(id: Uuid) -> String {
    let mut text = Uuid::encode_buffer();
    [BOOKS_PATH, "/", id.hyphenated().encode_lower(&mut text)].concat()
}

//! A book as version 2 of the API shows it.

use purlin_base::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser::SerializeStruct};
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
    #[schemars(with = "BookLinks")]
    links: LinksOf,
}

/// What is needed to say where to go from a book. The addresses are put together as they are
/// written.
#[derive(Clone, Copy, Debug)]
struct LinksOf {
    id: Uuid,
    for_staff: bool,
}

/// Where to go from a book.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "what is written, for the document")]
struct BookLinks {
    #[serde(rename = "self")]
    this: Link<'static>,
    collection: Link<'static>,
    cover: Link<'static>,
    reviews: Link<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update: Option<Link<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete: Option<Link<'static>>,
}

/// One place to go.
#[derive(JsonSchema, Serialize)]
struct Link<'a> {
    href: &'a str,
}

impl Serialize for LinksOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut address = path(self.id);
        let own = address.len();
        let mut links = serializer.serialize_struct("BookLinks", 6)?;
        links.serialize_field("self", &Link { href: &address })?;
        links.serialize_field("collection", &Link { href: BOOKS_PATH })?;
        for (name, tail) in [("cover", "/cover"), ("reviews", "/reviews")] {
            address.push_str(tail);
            links.serialize_field(name, &Link { href: &address })?;
            address.truncate(own);
        }
        for name in ["update", "delete"] {
            match self.for_staff {
                true => links.serialize_field(name, &Link { href: &address })?,
                false => links.skip_field(name)?,
            }
        }
        links.end()
    }
}

impl BookView {
    /// `book` with what staff may do with it, if staff is asking.
    pub fn new(book: Book, for_staff: bool) -> Self {
        Self {
            links: LinksOf {
                id: book.id,
                for_staff,
            },
            id: book.id,
            content: book.content,
            created_at: book.created_at,
        }
    }
}

/// Where the book `id` is. There is room for what may be behind it.
pub(super) fn path(id: Uuid) -> String {
    let mut room = Uuid::encode_buffer();
    let id = id.hyphenated().encode_lower(&mut room);
    let parts = [BOOKS_PATH, "/", id];
    let mut path = String::with_capacity(64);
    parts.iter().for_each(|part| path.push_str(part));
    path
}

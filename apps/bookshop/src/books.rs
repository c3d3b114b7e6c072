//! The catalogue.
//!
//! | part | what it does |
//! | --- | --- |
//! | `input`, `identity`, `text`, `language`, `filter`, `sort` | what a book is and how books are picked: no HTTP, no SQL, no clock |
//! | `row`, `store` | books in the database |
//! | `intake` | the rows of an import, and the first filling |
//! | `service` | what can be done with books |
//! | `view`, `controller` | books over HTTP, version 2 |
//! | `v1` | the same, version 1 |
//!
//! Whoever writes a book, over HTTP or by import, goes through [`BookInput`], so a rule is stated
//! once.

mod controller;
mod error;
mod filter;
mod identity;
mod input;
mod intake;
mod language;
mod row;
mod service;
mod sort;
mod store;
mod text;
mod v1;
mod view;

pub use controller::BookController;
pub use error::BookError;
pub use filter::BookFilter;
pub use identity::Identity;
pub use input::{Author, BookInput};
pub use intake::{BookIntake, Seeder};
pub use language::is_language_code;
pub use service::BookService;
pub use sort::{BookSort, UnknownSort};
pub use store::BookStore;
pub(crate) use text::{PLAIN, is_plain};
pub use text::{search_text, sort_key};
pub use v1::{BOOKS_PATH_V1, BookControllerV1, BookInputV1, BookViewV1};
pub use view::{BOOKS_PATH, BookView};

use purlin::prelude::*;
use uuid::Uuid;

use crate::{
    identity::GuardsModule, schema::DatabaseModule, secret::SecretModule, world::WorldModule,
};

/// The catalogue: stored, filled, and served.
#[module(
    imports(DatabaseModule, SecretModule, GuardsModule, WorldModule),
    providers(BookStore, BookService, BookIntake, Seeder),
    controllers(BookController, BookControllerV1),
    exports(BookService)
)]
pub struct BooksModule;

/// A book as it stands in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// Its identifier; later books have greater ones.
    pub id: Uuid,
    /// What can be written: title, authors, price and the rest.
    pub content: BookInput,
    /// When it came into the catalogue.
    pub created_at: Timestamp,
    /// 1 when created, one more with each change: what an `ETag` is made of.
    pub version: i64,
}

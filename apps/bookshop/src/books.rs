//! What a book is, what may be written into one, and how books are picked and sorted.
//!
//! Pure rules: no HTTP, no SQL, no clock. Whoever writes a book, over HTTP or by import, goes
//! through [`BookInput`], so a rule is stated once.

mod filter;
mod identity;
mod input;
mod language;
mod object;
mod sort;
mod text;

pub use filter::BookFilter;
pub use identity::Identity;
pub use input::{Author, BookInput};
pub use language::is_language_code;
pub use sort::{BookSort, UnknownSort};
pub use text::{search_text, sort_key};

use purlin_base::Timestamp;
use uuid::Uuid;

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

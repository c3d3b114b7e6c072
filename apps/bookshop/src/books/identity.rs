//! When two descriptions mean the same book.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use super::BookInput;

/// Stands for title, authors in order, and year: an import takes two books for the same when
/// these three are equal to the byte.
///
/// A digest, because the three together may be longer than a database takes into an index.
/// Written as 64 hexadecimal digits.
///
/// # Examples
///
/// ```
/// # use bookshop::books::{Author, BookInput, Identity};
/// # let emma = BookInput { title: "Emma".into(), authors: vec![Author { name: "Jane Austen".into() }],
/// #     year: 1815, language: "en".into(), subject: "Fiction".into(), price_cents: 1199, stock: 3 };
/// let dearer = BookInput { price_cents: 1499, ..emma.clone() };
/// assert_eq!(Identity::of(&emma), Identity::of(&dearer));
/// let later = BookInput { year: 1816, ..emma.clone() };
/// assert_ne!(Identity::of(&emma), Identity::of(&later));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity([u8; 32]);

impl Identity {
    /// The identity of `book`.
    pub fn of(book: &BookInput) -> Self {
        let mut digest = Sha256::new();
        for text in std::iter::once(book.title.as_str()).chain(book.author_names()) {
            // The length in front keeps `["ab"]` and `["a", "b"]` apart.
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text.as_bytes());
        }
        digest.update(book.year.to_le_bytes());
        Self(digest.finalize().into())
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = String::with_capacity(64);
        for byte in self.0 {
            write!(hex, "{byte:02x}")?;
        }
        f.write_str(&hex)
    }
}

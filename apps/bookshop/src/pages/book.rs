//! What the page of a book shows.

use serde::Serialize;

use crate::books::{BOOKS_PATH, Book};

/// What the page of a book shows, in the form that people read.
#[derive(Debug, Serialize)]
pub(super) struct BookPage {
    title: String,
    authors: Vec<String>,
    year: String,
    language: String,
    subject: String,
    price: String,
    price_cents: i64,
    stock: i64,
    api_path: String,
}

impl From<Book> for BookPage {
    fn from(book: Book) -> Self {
        let api_path = format!("{BOOKS_PATH}/{}", book.id);
        let content = book.content;
        Self {
            year: year(content.year),
            price: price(content.price_cents),
            price_cents: content.price_cents,
            stock: content.stock,
            api_path,
            title: content.title,
            authors: content
                .authors
                .into_iter()
                .map(|author| author.name)
                .collect(),
            language: content.language,
            subject: content.subject,
        }
    }
}

/// `1815`; `800 BCE` for what is before the common era.
fn year(year: i32) -> String {
    match year {
        ..0 => format!("{} BCE", year.unsigned_abs()),
        _ => year.to_string(),
    }
}

/// Cents as units with two digits behind the point, thousands apart: `12,345.60`.
fn price(cents: i64) -> String {
    let (units, behind) = (cents / 100, cents % 100);
    let digits = units.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    let units = groups.join(&b',');
    format!("{}.{behind:02}", String::from_utf8_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_two_digits_behind_the_point_and_its_thousands_apart() {
        for (cents, shown) in [
            (0, "0.00"),
            (5, "0.05"),
            (1250, "12.50"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (10_000_000, "100,000.00"),
        ] {
            assert_eq!(price(cents), shown);
        }
    }

    #[test]
    fn a_year_before_the_common_era_says_so() {
        assert_eq!([year(-800), year(0), year(1815)], ["800 BCE", "0", "1815"]);
    }
}

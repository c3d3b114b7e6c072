//! What may be written into a book.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{language, text};
use crate::object::objects_only;

/// What a caller or an import says a book is. All fields are required, no other is allowed.
///
/// # Examples
///
/// ```
/// use bookshop::books::BookInput;
/// use garde::Validate;
///
/// let book: BookInput = serde_json::from_str(
///     r#"{"title": "Emma", "authors": [{"name": "Jane Austen"}], "year": 1815,
///         "language": "en", "subject": "Fiction", "price_cents": 1199, "stock": 3}"#,
/// )?;
/// assert!(book.validate().is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "BookInput")]
pub struct BookInput {
    /// 1 to 300 characters.
    #[garde(length(chars, min = 1, max = 300), custom(text::is_plain))]
    #[schemars(pattern(text::PLAIN))]
    pub title: String,
    /// 1 to 20, in the order of the title page.
    #[garde(length(min = 1, max = 20), dive)]
    pub authors: Vec<Author>,
    /// Year of first publication, -3000 to 2100; negative is before the common era.
    #[garde(range(min = -3000, max = 2100))]
    pub year: i32,
    /// Language of the original: a lower-case code of ISO 639-1.
    #[garde(custom(language::is_known))]
    #[schemars(extend("enum" = &language::CODES[..]))]
    pub language: String,
    /// 1 to 100 characters.
    #[garde(length(chars, min = 1, max = 100), custom(text::is_plain))]
    #[schemars(pattern(text::PLAIN))]
    pub subject: String,
    /// Price in cents, 0 to 10 000 000.
    #[garde(range(min = 0, max = 10_000_000))]
    pub price_cents: i64,
    /// Copies at hand, 0 to 1 000 000.
    #[garde(range(min = 0, max = 1_000_000))]
    pub stock: i64,
}

/// One of a book's authors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "Author")]
pub struct Author {
    /// 1 to 200 characters.
    #[garde(length(chars, min = 1, max = 200), custom(text::is_plain))]
    #[schemars(pattern(text::PLAIN))]
    pub name: String,
}

objects_only!(BookInput, Author);

impl BookInput {
    /// The authors' names in order.
    pub fn author_names(&self) -> impl Iterator<Item = &str> {
        self.authors.iter().map(|author| author.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emma() -> BookInput {
        BookInput {
            title: "Emma".into(),
            authors: vec![Author {
                name: "Jane Austen".into(),
            }],
            year: 1815,
            language: "en".into(),
            subject: "Fiction".into(),
            price_cents: 1199,
            stock: 3,
        }
    }

    fn faults(book: &BookInput) -> Vec<String> {
        let report = book.validate().err();
        let faults = report
            .iter()
            .flat_map(|report| report.iter())
            .map(|(path, _)| path.to_string());
        faults.collect()
    }

    /// Changes one thing in a good book and says which fields are then at fault.
    fn after(change: impl FnOnce(&mut BookInput)) -> Vec<String> {
        let mut book = emma();
        change(&mut book);
        faults(&book)
    }

    #[test]
    fn a_book_within_all_bounds_is_good_at_both_ends() {
        assert_eq!(after(|_| ()), [""; 0]);
        let name = "é".repeat(200);
        let smallest = |book: &mut BookInput| {
            (book.title, book.subject) = ("x".into(), "y".into());
            (book.year, book.price_cents, book.stock) = (-3000, 0, 0);
        };
        let largest = |book: &mut BookInput| {
            (book.title, book.subject) = ("語".repeat(300), "s".repeat(100));
            book.authors = vec![Author { name }; 20];
            (book.year, book.price_cents, book.stock) = (2100, 10_000_000, 1_000_000);
        };
        assert_eq!(after(smallest), [""; 0]);
        assert_eq!(after(largest), [""; 0]);
    }

    #[test]
    fn each_bound_that_is_passed_is_named_by_its_field() {
        let long_name = "n".repeat(201);
        assert_eq!(after(|b| b.title = String::new()), ["title", "title"]);
        assert_eq!(after(|b| b.title = "語".repeat(301)), ["title"]);
        assert_eq!(after(|b| b.authors.clear()), ["authors"]);
        let one = emma().authors.remove(0);
        assert_eq!(after(|b| b.authors = vec![one; 21]), ["authors"]);
        assert_eq!(
            after(|b| b.authors[0].name = long_name),
            ["authors[0].name"]
        );
        assert_eq!(after(|b| b.year = -3001), ["year"]);
        assert_eq!(after(|b| b.year = 2101), ["year"]);
        assert_eq!(after(|b| b.subject = "s".repeat(101)), ["subject"]);
        assert_eq!(after(|b| b.price_cents = -1), ["price_cents"]);
        assert_eq!(after(|b| b.price_cents = 10_000_001), ["price_cents"]);
        assert_eq!(after(|b| b.stock = -1), ["stock"]);
        assert_eq!(after(|b| b.stock = 1_000_001), ["stock"]);
    }

    #[test]
    fn a_language_that_is_not_a_lower_case_code_is_refused() {
        for code in ["", "EN", "eng", "xx", "e", "en-GB", " en"] {
            assert_eq!(
                after(|b| b.language = code.into()),
                ["language"],
                "{code:?}"
            );
        }
    }

    #[test]
    fn a_book_is_read_from_an_object_only_and_comes_out_as_it_went_in() {
        let json = serde_json::to_value(emma()).unwrap();
        assert_eq!(json["authors"][0]["name"], "Jane Austen");
        assert_eq!(
            serde_json::from_value::<BookInput>(json.clone()).unwrap(),
            emma()
        );
        let values = r#"["Emma", [{"name": "J"}], 1815, "en", "Fiction", 1199, 3]"#;
        assert!(serde_json::from_str::<BookInput>(values).is_err());
        let mut json = json;
        json["authors"] = serde_json::json!([["J"]]);
        let error = serde_json::from_value::<BookInput>(json).unwrap_err();
        assert!(error.to_string().contains("expected an object"), "{error}");
    }

    #[test]
    fn control_characters_and_blank_text_are_refused() {
        for text in ["a\0b", "two\nlines", "tab\there", "\u{7f}", "\u{85}", "  "] {
            assert_eq!(after(|b| b.title = text.into()), ["title"], "{text:?}");
            assert_eq!(after(|b| b.subject = text.into()), ["subject"], "{text:?}");
            let named = |b: &mut BookInput| b.authors[0].name = text.into();
            assert_eq!(after(named), ["authors[0].name"], "{text:?}");
        }
    }
}

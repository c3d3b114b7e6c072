//! What may be written into a book by version 1.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    super::{Author, BookInput, language, text},
    SEPARATOR,
};
use crate::object::objects_only;

/// As [`BookInput`], with the authors' names in one text, separated by `"; "`.
///
/// A name that holds the separator, which version 2 allows, is two names here.
///
/// # Examples
///
/// ```
/// use bookshop::books::{BookInput, BookInputV1};
///
/// let book: BookInputV1 = serde_json::from_str(
///     r#"{"title": "Good Omens", "author": "Terry Pratchett; Neil Gaiman", "year": 1990,
///         "language": "en", "subject": "Fiction", "price_cents": 999, "stock": 3}"#,
/// )?;
/// assert_eq!(BookInput::from(book).authors[1].name, "Neil Gaiman");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "BookInputV1")]
pub struct BookInputV1 {
    /// 1 to 300 characters.
    #[garde(length(chars, min = 1, max = 300), custom(text::is_plain))]
    #[schemars(pattern(text::PLAIN))]
    pub title: String,
    /// 1 to 20 names of 1 to 200 characters, in the order of the title page.
    #[garde(custom(are_names))]
    #[schemars(pattern(AUTHOR))]
    pub author: String,
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

/// One to twenty names: what [`are_names`] lets through, as documents say it.
const AUTHOR: &str = r"^(?=(?:(?!; )[^\x00-\x1f\x7f-\x9f])*(?!; )[^\s\x00-\x1f\x7f-\x9f])(?:(?!; )[^\x00-\x1f\x7f-\x9f]){1,200}(?:; (?=(?:(?!; )[^\x00-\x1f\x7f-\x9f])*(?!; )[^\s\x00-\x1f\x7f-\x9f])(?:(?!; )[^\x00-\x1f\x7f-\x9f]){1,200}){0,19}$";

objects_only!(BookInputV1);

/// The rules are those of version 2; what is wrong with a name is wrong with the text.
fn are_names(author: &str, context: &()) -> garde::Result {
    let names = author.split(SEPARATOR);
    let count = names.clone().count();
    if count > 20 {
        return Err(garde::Error::new(format!(
            "holds {count} names, of which 20 may be"
        )));
    }
    for name in names {
        let author = Author {
            name: name.to_owned(),
        };
        let Err(report) = author.validate_with(context) else {
            continue;
        };
        let fault = report.iter().next();
        let fault = fault.map_or("is not valid", |(_, error)| error.message());
        return Err(garde::Error::new(format!(
            "holds a name that is not valid: {fault}"
        )));
    }
    Ok(())
}

impl From<BookInputV1> for BookInput {
    fn from(book: BookInputV1) -> Self {
        let author = |name: &str| Author {
            name: name.to_owned(),
        };
        Self {
            title: book.title,
            authors: book.author.split(SEPARATOR).map(author).collect(),
            year: book.year,
            language: book.language,
            subject: book.subject,
            price_cents: book.price_cents,
            stock: book.stock,
        }
    }
}

impl From<BookInput> for BookInputV1 {
    fn from(book: BookInput) -> Self {
        let names: Vec<&str> = book.author_names().collect();
        Self {
            author: names.join(SEPARATOR),
            title: book.title,
            year: book.year,
            language: book.language,
            subject: book.subject,
            price_cents: book.price_cents,
            stock: book.stock,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(author: impl Into<String>) -> BookInputV1 {
        BookInputV1 {
            title: "Emma".into(),
            author: author.into(),
            year: 1815,
            language: "en".into(),
            subject: "Fiction".into(),
            price_cents: 1199,
            stock: 3,
        }
    }

    #[test]
    fn authors_go_through_version_1_as_they_are() {
        let book = BookInput::from(by("Ada; Émile;Zola"));
        let names: Vec<&str> = book.author_names().collect();
        assert_eq!(names, ["Ada", "Émile;Zola"]);
        assert_eq!(BookInputV1::from(book), by("Ada; Émile;Zola"));
    }

    #[test]
    fn each_name_keeps_the_rules_of_version_2() {
        let (longest, most) = ("é".repeat(200), vec!["a"; 20].join(SEPARATOR));
        for good in ["a", "a; b", &longest, &most] {
            assert!(by(good).validate().is_ok(), "{good}");
        }
        let (long, many) = ("n".repeat(201), vec!["a"; 21].join(SEPARATOR));
        for bad in ["", "; a", "a; ", "a; ; b", " ", "a; \n", &long, &many] {
            let report = by(bad).validate().unwrap_err();
            let fields: Vec<_> = report.iter().map(|(path, _)| path.to_string()).collect();
            assert_eq!(fields, ["author"], "{bad:?}");
        }
    }
}

//! The greeting and the book, with the checks every contestant makes.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// The service a handler asks for its greeting.
#[derive(Debug, Default)]
pub struct HelloService;

impl HelloService {
    /// The greeting for one name.
    pub fn greet(&self, name: &str) -> Greeting {
        Greeting {
            message: format!("Hello, {name}"),
        }
    }
}

/// The answer of `GET /hello/{name}`.
#[derive(Debug, schemars::JsonSchema, Serialize)]
pub struct Greeting {
    message: String,
}

/// The body of `POST /books`: the bookshop's fields and bounds; no other field.
#[derive(Debug, schemars::JsonSchema, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct NewBook {
    #[garde(length(chars, min = 1, max = 300))]
    title: String,
    #[garde(length(min = 1, max = 20), dive)]
    authors: Vec<Author>,
    #[garde(range(min = -3000, max = 2100))]
    year: i32,
    #[garde(custom(two_lower_case_letters))]
    language: String,
    #[garde(length(chars, min = 1, max = 100))]
    subject: String,
    #[garde(range(min = 0, max = 10_000_000))]
    price_cents: i64,
    #[garde(range(min = 0, max = 1_000_000))]
    stock: i64,
}

/// One author of a book.
#[derive(Debug, schemars::JsonSchema, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Author {
    #[garde(length(chars, min = 1, max = 200))]
    name: String,
}

fn two_lower_case_letters(value: &str, (): &()) -> garde::Result {
    if value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err(garde::Error::new("not two lower-case letters"))
    }
}

/// The answer of `POST /books`: the book as it came in, with an id.
#[derive(Debug, schemars::JsonSchema, Serialize)]
pub struct Accepted {
    id: &'static str,
    #[serde(flatten)]
    book: NewBook,
}

/// Takes the book in. Nothing is stored: the codec and the checks are what is measured.
pub fn accept(book: NewBook) -> Accepted {
    Accepted { id: "1", book }
}

/// A body that passes the checks.
pub const BOOK: &str = r#"{"title":"Pride and Prejudice","authors":[{"name":"Jane Austen"}],"year":1813,"language":"en","subject":"Fiction","price_cents":1299,"stock":12}"#;

//! Which books a list shows.

use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{language, text};

/// What the books of a list have in common; what is not given does not matter.
///
/// A range of years that ends before it begins is not an error: no book is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, Validate)]
pub struct BookFilter {
    /// The subject, to the letter. 1 to 100 characters.
    #[garde(inner(length(chars, min = 1, max = 100), custom(text::is_plain)))]
    #[schemars(length(min = 1, max = 100), pattern(text::PLAIN))]
    #[serde(default)]
    pub subject: Option<String>,
    /// The language: a lower-case code of ISO 639-1.
    #[garde(inner(custom(language::is_known)))]
    #[schemars(extend("enum" = &language::CODES[..]))]
    #[serde(default)]
    pub language: Option<String>,
    /// The earliest year, -3000 to 2100.
    #[garde(inner(range(min = -3000, max = 2100)))]
    #[schemars(range(min = -3000, max = 2100))]
    #[serde(default)]
    pub year_from: Option<i32>,
    /// The latest year, -3000 to 2100.
    #[garde(inner(range(min = -3000, max = 2100)))]
    #[schemars(range(min = -3000, max = 2100))]
    #[serde(default)]
    pub year_to: Option<i32>,
    /// What the title or an author's name contains, whatever the case. 1 to 300 characters.
    #[garde(inner(length(chars, min = 1, max = 300), custom(text::is_plain)))]
    #[schemars(length(min = 1, max = 300), pattern(text::PLAIN))]
    #[serde(default)]
    pub q: Option<String>,
}

impl BookFilter {
    /// What to look for in [`search_text`](super::search_text): `q` as a `LIKE` pattern with the
    /// escape sign `\`, in lower case.
    ///
    /// # Examples
    ///
    /// ```
    /// use bookshop::books::BookFilter;
    ///
    /// let filter = BookFilter { q: Some("50% Off_".into()), ..BookFilter::default() };
    /// assert_eq!(filter.like_pattern().as_deref(), Some(r"%50\% off\_%"));
    /// ```
    pub fn like_pattern(&self) -> Option<String> {
        let lower = text::lower_case(self.q.as_ref()?);
        let mut pattern = String::from("%");
        for sign in lower.chars() {
            if matches!(sign, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(sign);
        }
        pattern.push('%');
        Some(pattern)
    }
}

//! What a review may say.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::objects_only;

/// The longest text of a review, as it is sent, in characters.
pub const BODY_CHARS_MAX: usize = 10_000;

/// What a reader says about a book. Both fields are required, no other is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "ReviewInput")]
pub struct ReviewInput {
    /// 1 to 5, the best.
    #[garde(range(min = 1, max = 5))]
    pub rating: u8,
    /// HTML, up to 10 000 characters. What may not stand in a review is taken out of it.
    #[garde(length(chars, max = BODY_CHARS_MAX), custom(is_text))]
    #[schemars(length(max = 10_000), pattern(TEXT))]
    pub body_html: String,
}

objects_only!(ReviewInput);

/// The same as [`is_text`], as a regular expression of JSON Schema.
const TEXT: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";

/// Refuses control characters, the NUL byte among them, but for tabs and line ends.
fn is_text(text: &str, _context: &()) -> garde::Result {
    let is_bad = |sign: char| sign.is_control() && !matches!(sign, '\t' | '\n' | '\r');
    match text.chars().any(is_bad) {
        true => Err(garde::Error::new("holds a control character")),
        false => Ok(()),
    }
}

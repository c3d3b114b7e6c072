//! Decides what of other people's markup may stand in a page of ours.
//!
//! A short allow-list, applied to the tree that a browser would build: what is not on the list
//! goes, its text stays. What may stand is said by [`TAGS`], [`SCHEMES`] and [`LINK_REL`], and in
//! `docs/web-safety.md`.
//!
//! Cleaning is repeated until nothing changes any more. A browser reads the result once more, and
//! what it then builds must be what was looked at here: this is how mutation attacks are met.
//! Markup that does not come to rest becomes plain text.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};
use purlin_base::{Classified, ErrorClass, ErrorClasses};

use super::Html;

mod cost;

/// The elements that may stand. All others go; their text stays, except that of [`DROPPED`].
pub const TAGS: [&str; 11] = [
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "ul",
];

/// The elements that go with all that is in them: what is in them is no text, or is read by other
/// rules than the rest of a page.
pub const DROPPED: [&str; 16] = [
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
];

/// What the address of a link may begin with. An address without a scheme goes.
pub const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// The `rel` of each link: it earns no rank, and the page behind it learns nothing of ours.
pub const LINK_REL: &str = "nofollow noopener ugc";

/// The longest markup that is looked at: 64 KiB.
pub const BYTES_MAX: usize = 64 * 1024;

/// How often the result is cleaned again before it becomes plain text.
const ROUNDS_MAX: usize = 8;

/// Why markup was not cleaned. Nothing of it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SanitizeError {
    /// It has more than [`BYTES_MAX`] bytes: ask for less.
    #[error("the markup is longer than {BYTES_MAX} bytes")]
    TooLong,
    /// It would become a tree of many times its size: nobody writes such a text.
    #[error("the markup has too many tags")]
    TooComplex,
}

impl Classified for SanitizeError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "HTTP_MARKUP_TOO_LONG",
            Self::TooComplex => "HTTP_MARKUP_TOO_COMPLEX",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Invalid.into()
    }
}

/// `markup` from somebody else, with what may harm taken out.
///
/// Clean it on its way in and store [`Html::into_string`], so that every reader gets the same. A
/// review of 2 KiB takes about 100 µs; what is longer belongs on the
/// [`CpuPool`](purlin_runtime::CpuPool), since the worst that is let in takes tens of milliseconds.
///
/// Cleaning what was cleaned changes nothing.
///
/// # Errors
///
/// [`SanitizeError`] if it is too long, or too much for a text.
///
/// # Source
///
/// The parser is that of browsers (html5ever by way of ammonia); the list is the part of
/// sanitize-html's that a review needs.
///
/// # Examples
///
/// ```
/// use purlin_http::html::sanitize;
///
/// let review = "<p onclick=steal()>Good <strong>book</strong><script>alert(1)</script>";
/// assert_eq!(sanitize(review)?.as_str(), "<p>Good <strong>book</strong></p>");
/// # Ok::<(), purlin_http::html::sanitize::SanitizeError>(())
/// ```
pub fn sanitize(markup: &str) -> Result<Html, SanitizeError> {
    if markup.len() > BYTES_MAX {
        return Err(SanitizeError::TooLong);
    }
    if !cost::is_bearable(markup) {
        return Err(SanitizeError::TooComplex);
    }
    Ok(Html::made(settled(markup)))
}

/// The markup at which cleaning comes to rest.
fn settled(markup: &str) -> String {
    static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(allowed);
    static TEXT: LazyLock<Builder<'static>> = LazyLock::new(text);
    let mut known = ALLOWED.clean(markup).to_string();
    for _ in 0..ROUNDS_MAX {
        if !cost::is_bearable(&known) {
            break;
        }
        let next = ALLOWED.clean(&known).to_string();
        if next == known {
            return known;
        }
        known = next;
    }
    TEXT.clean(&known).to_string()
}

fn allowed() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into())
        .clean_content_tags(DROPPED.into())
        .tag_attributes(HashMap::from([("a", ["href"].into())]))
        .generic_attributes(HashSet::new())
        .url_schemes(SCHEMES.into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(LINK_REL));
    builder
}

/// No markup at all.
fn text() -> Builder<'static> {
    Builder::empty()
}

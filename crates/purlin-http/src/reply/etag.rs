//! Entity tags.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::HeaderValue;

/// An entity tag: names one representation of one state of a thing.
///
/// Where a state is shown in several ways (to staff and to visitors, as JSON and as XML, compressed
/// or not), each way is a representation of its own and needs a strong tag of its own:
/// [`variant`](Self::variant). The [`state`](Self::state) is what a write compares.
///
/// # Source
///
/// RFC 9110 §8.8.3.
///
/// # Examples
///
/// ```
/// use purlin_http::ETag;
///
/// let seen = ETag::strong(7).variant("staff");
/// assert_eq!(seen.to_string(), "\"7;staff\"");
/// assert_eq!(seen.state(), "7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag {
    opaque: Cow<'static, str>,
    weak: bool,
}

/// Parts a tag's state from its variants.
const VARIANT: char = ';';

impl ETag {
    /// A strong tag. Bytes that cannot stand in a tag, and `;`, are written as `%` and two digits.
    pub fn strong(opaque: impl fmt::Display) -> Self {
        Self {
            opaque: encode(opaque.to_string()).into(),
            weak: false,
        }
    }

    /// A weak tag: what it names may differ in bytes and mean the same.
    pub fn weak(opaque: impl fmt::Display) -> Self {
        Self {
            weak: true,
            ..Self::strong(opaque)
        }
    }

    /// The tag of another representation of the same state. Several variants follow each other.
    pub fn variant(self, name: impl fmt::Display) -> Self {
        let name = encode(name.to_string());
        Self {
            opaque: format!("{}{VARIANT}{name}", self.opaque).into(),
            ..self
        }
    }

    /// What stands between the quotes.
    pub fn opaque(&self) -> &str {
        &self.opaque
    }

    /// What stands between the quotes, without its variants.
    pub fn state(&self) -> &str {
        self.opaque.split(VARIANT).next().unwrap_or_default()
    }

    /// Whether the tag is weak.
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// Both strong and the same: the comparison of `If-Match`.
    pub fn matches_strongly(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// The same, strong or weak: the comparison of `If-None-Match`.
    pub fn matches_weakly(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }

    /// The tag as a header field.
    pub fn to_value(&self) -> HeaderValue {
        let weak = if self.weak { "W/" } else { "" };
        let text = [weak, "\"", &self.opaque, "\""].concat();
        HeaderValue::from_maybe_shared(Bytes::from(text))
            .unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// The tag that `value` is; `None` if it is none, or not ASCII.
    pub(crate) fn read(value: &HeaderValue) -> Option<Self> {
        let (tag, rest) = Tag::first(value.as_bytes())?;
        rest.is_empty().then(|| tag.to_owned()).flatten()
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weak = if self.weak { "W/" } else { "" };
        write!(f, "{weak}\"{}\"", self.opaque)
    }
}

fn encode(opaque: String) -> String {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"\"%;".contains(&byte);
    if opaque.bytes().all(fits) {
        return opaque;
    }
    opaque.bytes().fold(String::new(), |mut text, byte| {
        if fits(byte) {
            text.push(byte as char);
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

/// A tag where it stands in a header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    opaque: &'a [u8],
    weak: bool,
}

/// How much of two tags must be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// All: what the caller holds is to be the very bytes.
    Representation,
    /// All but the variants: what is written is the state behind them.
    State,
}

impl<'a> Tag<'a> {
    /// The tag that `text` begins with, and what follows. `None` if it begins with none.
    pub(crate) fn first(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let weak = text.starts_with(b"W/");
        let quoted = if weak { &text[2..] } else { text };
        let inside = quoted.strip_prefix(b"\"")?;
        let end = inside.iter().position(|byte| *byte == b'"')?;
        let opaque = &inside[..end];
        let fits = opaque
            .iter()
            .all(|byte| byte.is_ascii_graphic() || *byte >= 0x80);
        fits.then_some((Self { opaque, weak }, &inside[end + 1..]))
    }

    /// `None` if it is not ASCII, which no tag of ours is.
    pub(crate) fn to_owned(self) -> Option<ETag> {
        let text = std::str::from_utf8(self.opaque).ok()?;
        text.is_ascii().then(|| ETag {
            opaque: text.to_owned().into(),
            weak: self.weak,
        })
    }

    /// The comparison of `If-None-Match`.
    pub(crate) fn is_weakly(self, present: &ETag, compared: Compared) -> bool {
        let state = |opaque: &'a [u8]| opaque.split(|byte| *byte == VARIANT as u8).next();
        match compared {
            Compared::Representation => self.opaque == present.opaque.as_bytes(),
            Compared::State => state(self.opaque) == Some(present.state().as_bytes()),
        }
    }

    /// The comparison of `If-Match`.
    pub(crate) fn is_strongly(self, present: &ETag, compared: Compared) -> bool {
        !self.weak && !present.weak && self.is_weakly(present, compared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_any_text_is_a_legal_field() {
        for text in ["a\"b", "ü", "a\r\nx: y", "a b", "100%", "a;b"] {
            let tag = ETag::strong(text).variant(text);
            assert_eq!(ETag::read(&tag.to_value()), Some(tag.clone()));
            assert_eq!(tag.to_value().to_str().unwrap(), tag.to_string());
            assert_eq!(tag.state(), ETag::strong(text).opaque());
        }
    }

    #[test]
    fn two_representations_are_of_one_state_and_not_the_same() {
        let (plain, staff) = (ETag::strong(7), ETag::strong(7).variant("staff"));
        assert!(!staff.matches_weakly(&plain));
        let value = staff.to_value();
        let (seen, _) = Tag::first(value.as_bytes()).unwrap();
        assert!(seen.is_strongly(&plain, Compared::State));
        assert!(!seen.is_strongly(&plain, Compared::Representation));
        assert!(!seen.is_strongly(&ETag::strong(77), Compared::State));
        assert!(!seen.is_strongly(&ETag::weak(7), Compared::State));
    }
}

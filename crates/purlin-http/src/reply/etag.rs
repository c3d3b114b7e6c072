//! Entity tags.

use std::{borrow::Cow, fmt};

use http::HeaderValue;

/// An entity tag: names one state of one representation.
///
/// # Source
///
/// RFC 9110 §8.8.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ETag {
    opaque: Cow<'static, str>,
    weak: bool,
}

impl ETag {
    /// A strong tag. Bytes that cannot stand in a tag are written as `%` and two digits.
    pub fn strong(opaque: impl fmt::Display) -> Self {
        Self {
            opaque: encode(&opaque.to_string()).into(),
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

    /// What stands between the quotes.
    pub fn opaque(&self) -> &str {
        &self.opaque
    }

    /// The strong tag of a text that was written as one already.
    pub(crate) fn written(opaque: String) -> Self {
        Self {
            opaque: opaque.into(),
            weak: false,
        }
    }

    pub(crate) fn is_weak(&self) -> bool {
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
        HeaderValue::try_from(self.to_string()).unwrap_or(HeaderValue::from_static("\"\""))
    }

    pub(crate) fn read(text: &str) -> Option<(Self, &str)> {
        let (weak, rest) = match text.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (opaque, rest) = rest.strip_prefix('"')?.split_once('"')?;
        let fits = opaque.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| {
            (
                Self {
                    opaque: opaque.to_owned().into(),
                    weak,
                },
                rest,
            )
        })
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weak = if self.weak { "W/" } else { "" };
        write!(f, "{weak}\"{}\"", self.opaque)
    }
}

fn encode(opaque: &str) -> String {
    opaque.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
            text.push(byte as char);
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    })
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TagList {
    /// `*`: any state of a thing that is there.
    Any,
    /// One of these states.
    Some(Vec<ETag>),
}

impl TagList {
    /// Reads one field value. A tag may hold commas, so the list is read tag by tag. `None` if it
    /// is malformed or names more than 64 tags.
    pub(crate) fn read(text: &str) -> Option<Self> {
        const TAGS_MAX: usize = 64;
        let blank = [' ', '\t', ','];
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let mut tags = Vec::new();
        let mut rest = text.trim_start_matches(blank);
        while !rest.is_empty() {
            let (tag, after) = ETag::read(rest)?;
            tags.push(tag);
            let after = after.trim_start_matches([' ', '\t']);
            if tags.len() > TAGS_MAX || !(after.is_empty() || after.starts_with(',')) {
                return None;
            }
            rest = after.trim_start_matches(blank);
        }
        (!tags.is_empty()).then_some(Self::Some(tags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_is_read_though_tags_hold_commas() {
        let list = TagList::read(r#" "a,b" , W/"c",, "d""#).unwrap();
        let tags = [ETag::strong("a,b"), ETag::weak("c"), ETag::strong("d")];
        assert_eq!(list, TagList::Some(tags.into()));
        assert_eq!(TagList::read(" * "), Some(TagList::Any));
    }

    #[test]
    fn a_malformed_list_is_not_read() {
        for bad in [
            "",
            ",",
            "a",
            "\"a",
            "\"a\" \"b\"",
            "W/a",
            "\"a b\"",
            "*, \"a\"",
            "w/\"a\"",
        ] {
            assert_eq!(TagList::read(bad), None, "{bad}");
        }
        assert_eq!(TagList::read(&"\"a\",".repeat(65)), None);
    }

    #[test]
    fn a_tag_of_any_text_is_a_legal_field() {
        for text in ["a\"b", "ü", "a\r\nx: y", "a b", "100%"] {
            let tag = ETag::strong(text);
            assert_eq!(ETag::read(&tag.to_string()), Some((tag.clone(), "")));
            assert_eq!(tag.to_value().to_str().unwrap(), tag.to_string());
        }
    }
}

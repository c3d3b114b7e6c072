//! The value of `If-Match` and of `If-None-Match`.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::reply::etag::Tag;

/// `*`, or tags; known to be well formed. It is kept as it was sent: reading it again is cheap,
/// and no list, however long, makes the server allocate for each tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagList(HeaderValue);

/// The field is there, and not well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl TagList {
    /// All fields called `name` together; `None` if there is none.
    pub(crate) fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Malformed> {
        let mut fields = headers.get_all(name).iter();
        let Some(first) = fields.next() else {
            return Ok(None);
        };
        let whole = match fields.next() {
            None => first.clone(),
            Some(_) => joined(headers, name).ok_or(Malformed)?,
        };
        Self::of(whole).map(Some).ok_or(Malformed)
    }

    /// `None` if `value` is not well formed.
    pub(crate) fn of(value: HeaderValue) -> Option<Self> {
        let mut tags = Tags(value.as_bytes());
        let is_any = value.as_bytes().trim_ascii() == b"*";
        // An empty list is one too (RFC 9110 §5.6.1.2): it names no state.
        let fits = is_any || tags.all(|tag| tag.is_ok());
        fits.then_some(Self(value))
    }

    /// `*`: any state of a thing that is there.
    pub(crate) fn is_any(&self) -> bool {
        self.0.as_bytes().trim_ascii() == b"*"
    }

    /// The tags; none for `*`.
    pub(crate) fn tags(&self) -> impl Iterator<Item = Tag<'_>> {
        Tags(self.0.as_bytes()).map_while(Result::ok)
    }
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    let fields = headers.get_all(name).iter();
    let fields: Vec<&[u8]> = fields.map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&fields.join(&b',')).ok()
}

/// Reads a list tag by tag, because a tag may hold commas. A fault ends it.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = Result<Tag<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = trimmed(self.0, b" \t,");
        if text.is_empty() {
            return None;
        }
        let Some((tag, rest)) = Tag::first(text) else {
            self.0 = b"";
            return Some(Err(Malformed));
        };
        self.0 = trimmed(rest, b" \t");
        if !matches!(self.0, [] | [b',', ..]) {
            self.0 = b"";
            return Some(Err(Malformed));
        }
        Some(Ok(tag))
    }
}

fn trimmed<'a>(text: &'a [u8], blank: &[u8]) -> &'a [u8] {
    let start = text.iter().position(|byte| !blank.contains(byte));
    &text[start.unwrap_or(text.len())..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ETag;

    fn read(text: &[u8]) -> Option<TagList> {
        TagList::of(HeaderValue::from_bytes(text).unwrap())
    }

    #[test]
    fn a_list_of_tags_is_read_though_tags_hold_commas() {
        let list = read(br#" "a,b" , W/"c",, "","d""#).unwrap();
        let tags: Vec<_> = list.tags().filter_map(Tag::to_owned).collect();
        let strong = |text: &str| ETag::strong(text);
        assert_eq!(
            tags,
            [strong("a,b"), ETag::weak("c"), strong(""), strong("d")]
        );
        assert!(!list.is_any());
        let any = read(b" * ").unwrap();
        assert!(any.is_any() && any.tags().next().is_none());
    }

    #[test]
    fn an_empty_list_names_no_state() {
        for empty in [&b""[..], b" ", b",", b" , ,"] {
            let list = read(empty).unwrap();
            assert!(!list.is_any() && list.tags().next().is_none());
        }
    }

    #[test]
    fn a_malformed_list_is_not_read() {
        for bad in [
            &b"a"[..],
            b"\"a",
            b"\"a\" \"b\"",
            b"\"a\"\"b\"",
            b"\"a\"b",
            b"W/a",
            b"W/ \"a\"",
            b"w/\"a\"",
            b"W/W/\"a\"",
            b"\"a b\"",
            b"*, \"a\"",
            b"\"a\", *",
            b"**",
            b"'a'",
        ] {
            assert_eq!(read(bad), None, "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn a_foreign_tag_beyond_ascii_is_well_formed_and_none_of_ours() {
        let list = read(b"\"\xff\xfe\", \"a\"").unwrap();
        let tags: Vec<_> = list.tags().map(Tag::to_owned).collect();
        assert_eq!(tags, [None, Some(ETag::strong("a"))]);
    }

    #[test]
    fn several_fields_are_one_list() {
        let mut headers = HeaderMap::new();
        let name = http::header::IF_MATCH;
        assert_eq!(TagList::read(&headers, &name), Ok(None));
        headers.append(&name, HeaderValue::from_static("\"a\""));
        headers.append(&name, HeaderValue::from_static("\"b\""));
        let list = TagList::read(&headers, &name).unwrap().unwrap();
        assert_eq!(list.tags().count(), 2);
        headers.append(&name, HeaderValue::from_static("*"));
        assert_eq!(TagList::read(&headers, &name), Err(Malformed));
    }
}

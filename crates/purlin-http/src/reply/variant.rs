//! Tags of the representations of one state.
//!
//! A handler names a state: `"7"`. The same state in XML or in a coding is other bytes, and a
//! strong tag must tell them apart (RFC 9110 §8.8.3), so it gets a variant for each:
//! `"7;xml;gzip"`. Who sends such a tag in `If-Match` has seen the state `"7"`.

use http::{HeaderMap, header};

use super::ETag;

/// Makes the strong tag in `headers` that of the variant `name`. A weak tag stays: it names what
/// is meant, not the bytes.
pub(crate) fn tag_variant(headers: &mut HeaderMap, name: &'static str) {
    let known = headers.get(header::ETAG).and_then(ETag::read);
    if let Some(tag) = known.filter(|tag| !tag.is_weak()) {
        headers.insert(header::ETAG, tag.variant(name).to_value());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_has_a_tag_of_its_own_that_leads_back_to_the_state() {
        for (tag, whole) in [
            (ETag::strong(7), "\"7;xml;gzip\""),
            (ETag::strong("50% \"a\""), "\"50%25%20%22a%22;xml;gzip\""),
            (ETag::weak(7), "W/\"7\""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ETAG, tag.to_value());
            tag_variant(&mut headers, "xml");
            tag_variant(&mut headers, "gzip");
            assert_eq!(headers[header::ETAG], whole);
            let sent = ETag::read(&headers[header::ETAG]).unwrap();
            assert_eq!(sent.state(), tag.state());
        }
    }
}

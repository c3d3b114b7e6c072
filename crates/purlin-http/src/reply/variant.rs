//! Tags of the representations of one state.
//!
//! A handler names a state: `"7"`. The same state in XML or in a coding is other bytes, and a
//! strong tag must tell them apart (RFC 9110 §8.8.3), so it gets an end for each: `"7+xml+gzip"`.
//! Who sends such a tag in `If-Match` has seen the state `"7"`.

use http::{HeaderMap, header};

use super::ETag;

/// The ends that are known, in the order in which they stand.
const VARIANTS: [&str; 4] = ["xml", "zstd", "br", "gzip"];

/// Makes the strong tag in `headers` that of the variant `name`. A weak tag stays: it names what
/// is meant, not the bytes.
pub(crate) fn tag_variant(headers: &mut HeaderMap, name: &'static str) {
    let known = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    if let Some((tag, "")) = known.and_then(ETag::read)
        && !tag.is_weak()
    {
        let tag = ETag::written(format!("{}+{name}", tag.opaque()));
        headers.insert(header::ETAG, tag.to_value());
    }
}

/// The state that the tag of a variant names; `None` if `tag` is not one of a variant.
pub(crate) fn state(tag: &ETag) -> Option<ETag> {
    let mut opaque = tag.opaque();
    while let Some((state, variant)) = opaque.rsplit_once('+') {
        if !VARIANTS.contains(&variant) {
            break;
        }
        opaque = state;
    }
    let shorter = opaque.len() < tag.opaque().len() && !tag.is_weak();
    shorter.then(|| ETag::written(opaque.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_has_a_tag_of_its_own_that_leads_back_to_the_state() {
        for (tag, whole) in [
            (ETag::strong(7), "\"7+xml+gzip\""),
            (ETag::strong("50% \"a\""), "\"50%25%20%22a%22+xml+gzip\""),
            (ETag::weak(7), "W/\"7\""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ETAG, tag.to_value());
            tag_variant(&mut headers, "xml");
            tag_variant(&mut headers, "gzip");
            assert_eq!(headers[header::ETAG], whole);
            let (sent, _) = ETag::read(whole).unwrap();
            assert_eq!(state(&sent), (!tag.is_weak()).then_some(tag));
        }
        for other in ["7", "7+", "7+tar", "gzip", "7+gzip+tar", ""] {
            assert_eq!(state(&ETag::strong(other)), None, "{other}");
        }
    }
}

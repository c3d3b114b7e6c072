//! Which coding the caller would like.

use http::{HeaderMap, HeaderValue, header};

use super::Coding;
use crate::accept::thousandths;

/// Entries that are read of one field.
const ENTRIES_MAX: usize = 64;

/// The `Accept-Encoding` field, all of its lines as one.
pub(super) fn field(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let (first, second) = (lines.next()?, lines.next());
    if second.is_none() {
        return Some(first.clone());
    }
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let lines: Vec<&[u8]> = lines.map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&lines.join(&b","[..])).ok()
}

/// The most welcome coding, if it is at least as welcome as none, and whether none will do.
///
/// # Source
///
/// RFC 9110 §12.5.3.
pub(super) fn best(field: &str) -> (Option<Coding>, bool) {
    let weight = |name: &str| {
        let entries = field.split(',').take(ENTRIES_MAX).filter_map(entry);
        let mut named = entries.filter(|(entry, _)| entry.eq_ignore_ascii_case(name));
        named.next().map(|(_, weight)| weight)
    };
    let any = weight("*");
    let of = |coding: Coding| {
        let named = weight(coding.name());
        // An old name that RFC 9110 §8.4.1.3 asks to be taken as the same.
        let old = (coding == Coding::Gzip).then(|| weight("x-gzip")).flatten();
        named.or(old).or(any).unwrap_or(0)
    };
    let identity = weight("identity").or(any.filter(|weight| *weight == 0));
    let weights = Coding::ALL.map(|coding| (of(coding), coding));
    let best = weights
        .into_iter()
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .filter(|(weight, _)| *weight > 0 && *weight >= identity.unwrap_or(0));
    (best.map(|(_, coding)| coding), identity != Some(0))
}

/// The name and the weight of `gzip;q=0.5`; `None` if it is malformed.
fn entry(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';');
    let name = parts.next()?.trim();
    let weight = match parts.next() {
        None => 1000,
        Some(part) => {
            let (key, value) = part.split_once('=')?;
            let is_weight = key.trim().eq_ignore_ascii_case("q");
            thousandths(value.trim()).filter(|_| is_weight)?
        }
    };
    Some((name, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_welcome_coding_is_chosen_and_none_where_it_is_more_welcome() {
        use Coding::{Brotli, Gzip, Zstd};
        for (field, coding, identity) in [
            ("gzip, deflate, br, zstd", Some(Zstd), true),
            ("gzip, deflate, br", Some(Brotli), true),
            ("gzip;q=1.0, br;q=0.5", Some(Gzip), true),
            ("GZIP", Some(Gzip), true),
            ("x-gzip", Some(Gzip), true),
            ("gzip;q=0, *", Some(Zstd), true),
            ("*;q=0", None, false),
            ("*;q=0, gzip", Some(Gzip), false),
            ("identity;q=0, gzip;q=0.1", Some(Gzip), false),
            ("identity;q=0", None, false),
            ("identity, gzip;q=0.5", None, true),
            ("identity;q=0.5, gzip", Some(Gzip), true),
            ("identity", None, true),
            ("deflate", None, true),
            ("", None, true),
            ("gzip;q=2", None, true),
            ("gzip;x=1", None, true),
            (";;;,=", None, true),
        ] {
            assert_eq!(best(field), (coding, identity), "{field}");
        }
        let long = "a,".repeat(10_000) + "gzip";
        assert_eq!(best(&long), (None, true));
    }
}

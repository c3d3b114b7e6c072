//! Reads `Range`, and decides which bytes are sent.
//!
//! Pure: no I/O, no header fields but the one text. What is done with the outcome is in
//! [`super::answer`].

use std::{cmp::Ordering, ops::Range};

/// Ranges that one request may list, unless it is answered with the whole.
pub(super) const RANGES_MAX: usize = 16;
/// Bytes between two ranges that are sent along: the head of another part would be longer.
pub(super) const GAP_BYTES_MAX: u64 = 80;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it, as if no range had been asked for.
    Whole,
    /// These, at least one, apart from each other and not empty, in the order asked for.
    Parts(Vec<Range<u64>>),
    /// Nothing that was asked for is there.
    Nothing,
}

/// One range as it is written.
enum Spec<'a> {
    From(&'a str, Option<&'a str>),
    Last(&'a str),
}

/// Decides what `field`, the value of `Range`, asks of a representation of `length` bytes.
///
/// # Source
///
/// RFC 9110 §14.1.2 and §14.2. A field that is malformed, of another unit, or that lists more
/// than [`RANGES_MAX`] ranges is ignored, which §14.2 allows. Ranges that overlap or lie near each
/// other are joined, so that no byte is sent twice (§15.3.7.2).
pub(super) fn wanted(field: &str, length: u64) -> Wanted {
    let Some(specs) = read(field) else {
        return Wanted::Whole;
    };
    // The last of no bytes is there, and cannot be written as a `Content-Range`.
    if length == 0 && specs.iter().any(|spec| is_some_of_the_end(spec)) {
        return Wanted::Whole;
    }
    let there: Vec<_> = specs.iter().filter_map(|spec| spec.place(length)).collect();
    match there.is_empty() {
        true => Wanted::Nothing,
        false => Wanted::Parts(joined(there)),
    }
}

fn is_some_of_the_end(spec: &Spec<'_>) -> bool {
    matches!(spec, Spec::Last(count) if number(count) > 0)
}

fn read(field: &str) -> Option<Vec<Spec<'_>>> {
    let (unit, set) = field.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let listed = set.split(',').map(|spec| spec.trim_matches([' ', '\t']));
    let mut specs = Vec::new();
    // A list may hold empty elements (RFC 9110 §5.6.1).
    for spec in listed.filter(|spec| !spec.is_empty()) {
        if specs.len() == RANGES_MAX {
            return None;
        }
        specs.push(Spec::read(spec)?);
    }
    (!specs.is_empty()).then_some(specs)
}

impl<'a> Spec<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.split_once('-')? {
            ("", count) if is_number(count) => Some(Self::Last(count)),
            (first, "") if is_number(first) => Some(Self::From(first, None)),
            (first, last) if is_number(first) && is_number(last) => {
                (compare(first, last) != Ordering::Greater).then_some(Self::From(first, Some(last)))
            }
            _ => None,
        }
    }

    /// Which of `length` bytes these are; `None` if none.
    fn place(&self, length: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::Last(count) => length.saturating_sub(number(count))..length,
            Self::From(first, last) => {
                let last = last.map_or(u64::MAX, number);
                number(first)..last.saturating_add(1).min(length)
            }
        };
        (!range.is_empty()).then_some(range)
    }
}

/// The number, or the largest that there is: no representation is that long.
fn number(digits: &str) -> u64 {
    digits.parse().unwrap_or(u64::MAX)
}

/// Compares numbers of any length.
fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Joins what overlaps or is near; a joined part stands where its first range stood.
fn joined(ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut sorted: Vec<_> = ranges.into_iter().enumerate().collect();
    sorted.sort_by_key(|(_, range)| range.start);
    let mut parts: Vec<(usize, Range<u64>)> = Vec::new();
    for (place, range) in sorted {
        match parts.last_mut() {
            Some((first, part)) if range.start < part.end.saturating_add(GAP_BYTES_MAX) => {
                *first = place.min(*first);
                part.end = part.end.max(range.end);
            }
            _ => parts.push((place, range)),
        }
    }
    parts.sort_by_key(|(place, _)| *place);
    parts.into_iter().map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(field: &str) -> Wanted {
        wanted(field, 1000)
    }

    fn one(range: Range<u64>) -> Wanted {
        Wanted::Parts(vec![range])
    }

    #[test]
    fn one_range_is_placed_and_clamped() {
        for (field, range) in [
            ("bytes=0-99", 0..100),
            ("bytes=900-", 900..1000),
            ("bytes=-50", 950..1000),
            ("bytes=0-0", 0..1),
            ("bytes=-5000", 0..1000),
            ("bytes=990-5000", 990..1000),
            ("BYTES=000-007", 0..8),
            ("bytes= , 1-2 ,", 1..3),
            ("bytes=0-99999999999999999999999999", 0..1000),
            ("bytes=-99999999999999999999999999", 0..1000),
        ] {
            assert_eq!(part(field), one(range), "{field}");
        }
    }

    #[test]
    fn a_malformed_field_asks_for_the_whole() {
        for field in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=1",
            "bytes=a-b",
            "bytes=2-1",
            "bytes=0-1,x",
            "bytes=--1",
            "bytes=+0-1",
            "bytes=1-2-3",
            "bytes=0x0-1",
            "bytes =0-1",
            "items=0-1",
            "bytes=0 - 1",
            "bytes=٣-٤",
            "bytes=99999999999999999999999999-99999999999999999999999998",
        ] {
            assert_eq!(part(field), Wanted::Whole, "{field}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_satisfiable() {
        for field in [
            "bytes=1000-",
            "bytes=1000-1001",
            "bytes=-0",
            "bytes=5000-6000,-0",
            "bytes=18446744073709551615-",
            "bytes=99999999999999999999999999-",
        ] {
            assert_eq!(part(field), Wanted::Nothing, "{field}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(wanted("bytes=-1", 0), Wanted::Whole);
    }

    #[test]
    fn ranges_are_joined_where_they_meet_and_keep_their_order() {
        assert_eq!(
            part("bytes=500-599,0-9"),
            Wanted::Parts(vec![500..600, 0..10])
        );
        assert_eq!(
            part("bytes=0-9,500-599,5-20,-1,2000-"),
            Wanted::Parts(vec![0..21, 500..600, 999..1000])
        );
        // 79 bytes apart are sent along, 80 are not.
        assert_eq!(part("bytes=0-9,89-99"), one(0..100));
        assert_eq!(part("bytes=0-9,90-99"), Wanted::Parts(vec![0..10, 90..100]));
    }

    #[test]
    fn a_field_with_too_many_ranges_asks_for_the_whole() {
        let many = |count| format!("bytes={}", vec!["0-"; count].join(","));
        assert_eq!(part(&many(RANGES_MAX)), one(0..1000));
        assert_eq!(part(&many(RANGES_MAX + 1)), Wanted::Whole);
        assert_eq!(part(&many(1000)), Wanted::Whole);
    }
}

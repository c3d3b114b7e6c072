//! One line of the cache: five places, and a bit for each that says whether it has counts.
//!
//! | words | |
//! | --- | --- |
//! | 0 to 4 | the lower 32 bits of the tag, for each place |
//! | 5 to 9 | below, the upper 14 bits of the tag; above, the lower 18 of the expiry |
//! | 10 to 14 | the upper 32 bits of the expiry |
//! | 15 | bit `way`: whether the place has counts |

/// Words of a line of the cache.
pub(super) const LINE: usize = 16;
/// Places of a bucket.
pub(super) const WAYS: usize = 5;
const _: () = assert!(3 * WAYS < LINE && size_of::<Line>() == 64);

/// Bits that are kept of a key.
pub(super) const TAG_BITS: u32 = 46;
const UPPER_TAG_BITS: u32 = TAG_BITS - 32;
const UPPER_TAG: u32 = (1 << UPPER_TAG_BITS) - 1;
/// Bits of an expiry above those that share a word with the tag.
const LOWER_EXPIRY_BITS: u32 = 32 - UPPER_TAG_BITS;
/// The last moment that can be told: microseconds of 35 years.
const EXPIRY_MAX: u64 = (1 << (32 + LOWER_EXPIRY_BITS)) - 1;

pub(super) type Line = [u32; LINE];

/// The place of `tag`. One that is free may be found too, with an expiry that is over.
pub(super) fn find(line: &Line, tag: u64) -> Option<usize> {
    let (lower, upper) = (tag as u32, (tag >> 32) as u32);
    // All places, since nobody could foretell at which one to stop.
    let found = (0..WAYS).fold(0_u32, |found, way| {
        let is_here = (line[way] == lower) & (line[WAYS + way] & UPPER_TAG == upper);
        found | u32::from(is_here) << way
    });
    (found != 0).then(|| found.trailing_zeros() as usize)
}

pub(super) fn tag(line: &Line, way: usize) -> u64 {
    u64::from(line[way]) | u64::from(line[WAYS + way] & UPPER_TAG) << 32
}

pub(super) fn expiry(line: &Line, way: usize) -> u64 {
    let lower = line[WAYS + way] >> UPPER_TAG_BITS;
    u64::from(lower) | u64::from(line[2 * WAYS + way]) << LOWER_EXPIRY_BITS
}

pub(super) fn has_counts(line: &Line, way: usize) -> bool {
    line[3 * WAYS] >> way & 1 == 1
}

pub(super) fn set(line: &mut Line, way: usize, tag: u64, expiry: u64, has_counts: bool) {
    let expiry = expiry.min(EXPIRY_MAX);
    line[way] = tag as u32;
    line[WAYS + way] = (tag >> 32) as u32 | (expiry as u32) << UPPER_TAG_BITS;
    line[2 * WAYS + way] = (expiry >> LOWER_EXPIRY_BITS) as u32;
    let flags = &mut line[3 * WAYS];
    *flags = *flags & !(1 << way) | u32::from(has_counts) << way;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_at_one_place_is_read_there_and_changes_no_other() {
        let tags = [0, 1, (1 << TAG_BITS) - 1, 0x2A55_1234_5678, 1 << 32];
        let expiries = [EXPIRY_MAX, 1, 0, 0x2_5555_AAAA_5555, 1 << 18];
        let mut line = [0; LINE];
        for way in 0..WAYS {
            set(&mut line, way, tags[way], expiries[way], way % 2 == 0);
        }
        for way in 0..WAYS {
            assert_eq!(tag(&line, way), tags[way]);
            assert_eq!(expiry(&line, way), expiries[way]);
            assert_eq!(has_counts(&line, way), way % 2 == 0);
            assert_eq!(find(&line, tags[way]), Some(way));
        }
        assert_eq!(find(&line, 2), None);
        set(&mut line, 4, 2, u64::MAX, false);
        assert_eq!(
            (expiry(&line, 4), has_counts(&line, 4)),
            (EXPIRY_MAX, false)
        );
        assert_eq!(find(&line, 2), Some(4));
    }
}

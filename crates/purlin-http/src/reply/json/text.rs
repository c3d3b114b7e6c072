//! Texts and whole numbers.

use std::{fmt, io::Write};

/// Writes `text` in quotes.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    inside(out, text.as_bytes());
    out.push(b'"');
}

/// Writes what `value` shows, in quotes.
pub(super) fn collected<T: fmt::Display + ?Sized>(out: &mut Vec<u8>, value: &T) {
    out.push(b'"');
    let start = out.len();
    write!(out, "{value}").expect("writing into memory does not fail");
    if !is_plain(&out[start..]) {
        let plain = out.split_off(start);
        inside(out, &plain);
    }
    out.push(b'"');
}

/// Writes a whole number.
pub(super) fn integer(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return out.extend_from_slice(&digits[at..]);
        }
    }
}

fn inside(out: &mut Vec<u8>, text: &[u8]) {
    if is_plain(text) {
        out.extend_from_slice(text);
    } else {
        escaped(out, text);
    }
}

/// Whether nothing of `text` need be escaped. Looked at in pieces of sixteen, eight or four bytes, of
/// which the last may lie over the one before.
fn is_plain(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk() {
        let (pieces, _) = text.as_chunks();
        return !pieces
            .iter()
            .fold(any(last), |found, piece| found | any(piece));
    }
    let ends = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => [u64::from_le_bytes(*first), u64::from_le_bytes(*last)],
        _ => match (text.first_chunk(), text.last_chunk()) {
            (Some(first), Some(last)) => {
                let halves = [u32::from_le_bytes(*first), u32::from_le_bytes(*last)];
                let [first, last] = halves.map(u64::from);
                [first | last << 32; 2]
            }
            _ => return !text.iter().any(|byte| is_special(*byte)),
        },
    };
    special_in(ends[0]) | special_in(ends[1]) == 0
}

/// Whether one of sixteen bytes is special: as one comparison of all, since none ends it.
fn any(piece: &[u8; 16]) -> bool {
    piece
        .iter()
        .fold(false, |found, byte| found | is_special(*byte))
}

fn is_special(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

/// Zero if none of the eight bytes of `word` is special. All at once: what is subtracted from a
/// byte that is too small borrows its upper bit.
fn special_in(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, b' ') | is(b'"') | is(b'\\')) & (ONES * 0x80)
}

#[cold]
fn escaped(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            0x08 => out.extend(b"\\b"),
            0x0C => out.extend(b"\\f"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            byte if byte < b' ' => {
                write!(out, "\\u{byte:04x}").expect("writing into memory does not fail");
            }
            byte => out.push(byte),
        }
    }
}

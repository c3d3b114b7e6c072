//! The identifiers of a request: its own, and its trace.

use http::{HeaderName, HeaderValue};
use purlin_base::{context::TraceContext, random::Rng};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's own identifier if it is fit, else a new one of 32 hexadecimal digits.
pub(super) fn request_id(given: Option<&HeaderValue>, rng: &dyn Rng) -> HeaderValue {
    match given {
        Some(given) if is_fit(given.as_bytes()) => given.clone(),
        _ => new_id(rng),
    }
}

fn is_fit(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=128).contains(&id.len()) && id.iter().all(plain)
}

fn new_id(rng: &dyn Rng) -> HeaderValue {
    let (mut chance, mut digits) = ([0; 16], [0; 32]);
    rng.fill(&mut chance);
    let (numbers, _) = chance.as_chunks();
    for (sixteen, number) in digits.chunks_exact_mut(16).zip(numbers) {
        let number = u64::from_le_bytes(*number);
        let (eight, last) = sixteen.split_at_mut(8);
        eight.copy_from_slice(&hexadecimal((number >> 32) as u32));
        last.copy_from_slice(&hexadecimal(number as u32));
    }
    HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static("0"))
}

/// The eight digits of `number`, all at once: a digit is a byte of the word.
fn hexadecimal(number: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let word = u64::from(number);
    let word = (word | (word << 16)) & 0x0000_ffff_0000_ffff;
    let word = (word | (word << 8)) & 0x00ff_00ff_00ff_00ff;
    let nibbles = (word | (word << 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    // A nibble above 9 has its fifth bit set by 6 more.
    let letters = ((nibbles + 6 * ONES) >> 4) & ONES;
    let digits = nibbles + u64::from(b'0') * ONES + letters * u64::from(b'a' - b'0' - 10);
    digits.to_be_bytes()
}

/// The caller's trace with a span of our own, or a new trace.
pub(super) fn trace(traceparent: Option<&HeaderValue>, rng: &dyn Rng) -> TraceContext {
    let given = traceparent.and_then(|value| value.to_str().ok());
    match given.and_then(TraceContext::parse) {
        Some(trace) => trace.child(rng),
        None => TraceContext::start(rng),
    }
}

#[cfg(test)]
mod tests {
    use purlin_base::random::SeededRng;

    use super::*;

    #[test]
    fn digits_are_those_that_a_program_would_write() {
        for number in [0, 1, 0x0123_4567, 0x89ab_cdef, 0xa0f9_0a9f, u32::MAX] {
            assert_eq!(hexadecimal(number), format!("{number:08x}").as_bytes());
        }
    }

    #[test]
    fn only_a_plain_identifier_of_at_most_128_characters_is_taken_over() {
        let long = "a".repeat(128);
        for (given, taken) in [
            ("a.B_c-9", true),
            (long.as_str(), true),
            (&"a".repeat(129), false),
            ("", false),
            ("a b", false),
            ("<script>", false),
        ] {
            let field = HeaderValue::from_str(given).unwrap();
            let id = request_id(Some(&field), &SeededRng::new(1));
            assert_eq!(id == *given, taken, "{given}");
            assert!(is_fit(id.as_bytes()));
        }
    }
}

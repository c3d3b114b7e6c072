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

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn is_fit(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=128).contains(&id.len()) && id.iter().all(plain)
}

fn new_id(rng: &dyn Rng) -> HeaderValue {
    let mut digits = [0; 32];
    for half in digits.chunks_exact_mut(16) {
        let chance = rng.next_u64().to_be_bytes();
        for (pair, byte) in half.chunks_exact_mut(2).zip(chance) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
    }
    HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static("0"))
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

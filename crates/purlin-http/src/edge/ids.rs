//! The identifiers of a request: its own, and its trace.

use http::{HeaderMap, HeaderName, HeaderValue};
use purlin_base::{context::TraceContext, random::Rng};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The caller's own identifier if it is fit, else a new one of 32 hexadecimal digits.
pub(super) fn request_id(headers: &HeaderMap, rng: &dyn Rng) -> HeaderValue {
    match headers.get(REQUEST_ID) {
        Some(given) if is_fit(given.as_bytes()) => given.clone(),
        _ => new_id(rng),
    }
}

fn is_fit(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=128).contains(&id.len()) && id.iter().all(plain)
}

fn new_id(rng: &dyn Rng) -> HeaderValue {
    let mut chance = [0; 16];
    rng.fill(&mut chance);
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(chance) {
        pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
        pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
    }
    HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static("0"))
}

/// The caller's trace with a span of our own, or a new trace.
pub(super) fn trace(headers: &HeaderMap, rng: &dyn Rng) -> TraceContext {
    let given = headers
        .get(TRACEPARENT)
        .and_then(|value| value.to_str().ok());
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
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
            let id = request_id(&headers, &SeededRng::new(1));
            assert_eq!(id == *given, taken, "{given}");
            assert!(is_fit(id.as_bytes()));
        }
    }
}

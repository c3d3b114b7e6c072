//! Says on which fields of the request an answer depends.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Adds `name` to `Vary`, once, as a field of its own.
pub(crate) fn vary(headers: &mut HeaderMap, name: &HeaderName) {
    let is_known = |known: &[u8]| {
        let known = known.trim_ascii();
        known == b"*" || known.eq_ignore_ascii_case(name.as_str().as_bytes())
    };
    let mut fields = headers.get_all(header::VARY).iter();
    if !fields.any(|field| field.as_bytes().split(|byte| *byte == b',').any(is_known)) {
        headers.append(header::VARY, HeaderValue::from(name.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_once() {
        let mut headers = HeaderMap::new();
        headers.append(header::VARY, HeaderValue::from_static("Origin, accept"));
        vary(&mut headers, &header::ACCEPT);
        vary(&mut headers, &header::AUTHORIZATION);
        vary(&mut headers, &header::AUTHORIZATION);
        let fields: Vec<_> = headers.get_all(header::VARY).iter().collect();
        assert_eq!(fields, ["Origin, accept", "authorization"]);
    }
}

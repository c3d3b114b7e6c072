//! Bytes as text that people and apps can read.

/// RFC 4648 §6, without padding.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `bytes` in Base32, in upper case, without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let sign =
        |group: u64, place: usize| char::from(ALPHABET[(group >> (35 - 5 * place)) as usize & 31]);
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let mut group = 0_u64;
        for place in 0..5 {
            group = group << 8 | u64::from(chunk.get(place).copied().unwrap_or(0));
        }
        let signs = (chunk.len() * 8).div_ceil(5);
        text.extend((0..signs).map(|place| sign(group, place)));
    }
    text
}

/// `text` as a part of a URI: everything but letters, digits and `-._~` percent-encoded.
pub(super) fn encoded(text: &str) -> String {
    let mut uri = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn what_could_change_a_uri_is_encoded() {
        assert_eq!(
            encoded("a b:c&d=é/?#%"),
            "a%20b%3Ac%26d%3D%C3%A9%2F%3F%23%25"
        );
    }
}

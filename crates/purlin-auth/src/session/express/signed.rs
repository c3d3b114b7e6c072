//! The signed cookie of Express: `s:ID.SIGNATURE`, percent-encoded.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use hmac::{Hmac, KeyInit, Mac};
use purlin_base::random::Rng;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How long the value of a cookie may be to be looked at, in bytes.
const COOKIE_BYTES_MAX: usize = 1024;

/// The secrets; the first signs, each verifies.
pub(super) struct Secrets(pub(super) Vec<String>);

/// An id as express-session makes it: 24 random bytes in base64url.
pub(super) fn new_id(rng: &dyn Rng) -> String {
    let mut bytes = [0; 24];
    rng.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Secrets {
    /// The value of the cookie for `id`.
    pub(super) fn seal(&self, id: &str) -> String {
        encode(&format!("s:{id}.{}", signature(&self.0[0], id)))
    }

    /// The id in a cookie's value; `None` unless it is signed by one of the secrets.
    pub(super) fn open(&self, cookie: &str) -> Option<String> {
        if cookie.len() > COOKIE_BYTES_MAX {
            return None;
        }
        let text = decode(cookie)?;
        let (id, given) = text.strip_prefix("s:")?.rsplit_once('.')?;
        // All of them, whichever fits: how long it takes tells nothing of which one.
        let fits = self.0.iter().fold(subtle::Choice::from(0), |fits, secret| {
            fits | signature(secret, id).as_bytes().ct_eq(given.as_bytes())
        });
        (bool::from(fits) && !id.is_empty()).then(|| id.to_owned())
    }
}

fn signature(secret: &str, id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .expect("an HMAC takes a key of any length");
    mac.update(id.as_bytes());
    STANDARD_NO_PAD.encode(mac.finalize().into_bytes())
}

/// As `encodeURIComponent`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// As `decodeURIComponent`; `None` for what that refuses.
fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex_digit(bytes.next()?)? << 4 | hex_digit(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_cookie_signature() {
        let vector = "DGDUkGlIkCzPz+C0B064FNgHdEjox7ch8tOBGslZ5QI";
        assert_eq!(signature("tobiiscool", "hello"), vector);
        let secrets = Secrets(vec!["tobiiscool".to_owned()]);
        let sealed = "s%3Ahello.DGDUkGlIkCzPz%2BC0B064FNgHdEjox7ch8tOBGslZ5QI";
        assert_eq!(secrets.seal("hello"), sealed);
        assert_eq!(secrets.open(sealed).as_deref(), Some("hello"));
    }

    #[test]
    fn what_is_not_signed_is_nothing() {
        let secrets = Secrets(vec!["new".to_owned(), "old".to_owned()]);
        let by_old = Secrets(vec!["old".to_owned()]).seal("id");
        assert_eq!(secrets.open(&by_old).as_deref(), Some("id"));
        let by_other = Secrets(vec!["other".to_owned()]).seal("id");
        let long = format!("s%3A{}", "a".repeat(2000));
        let bad = [
            "",
            "id",
            "s%3Aid",
            "s%3Aid.",
            "s%3A.",
            "j%3Aid",
            "s%3Aid.%",
            "s%3Aid.%4",
            "s%ff",
            "s%3Aid.AAAA",
            &by_other,
            &long,
        ];
        for cookie in bad {
            assert_eq!(secrets.open(cookie), None, "{cookie}");
        }
        let nameless = secrets.seal("");
        assert_eq!(secrets.open(&nameless), None, "a session needs an id");
    }
}

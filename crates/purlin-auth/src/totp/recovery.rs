//! Codes for the day the phone is gone.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use purlin_base::random::Rng;
use sha2::Sha256;

use super::{TotpError, text::base32};

/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;

/// Characters of a code, without its hyphens: 80 bits.
pub(super) const CODE_CHARS: usize = 16;

/// Recovery codes, to be shown once: `abcd-efgh-ijkl-mnop`. Each is good once. They are kept
/// nowhere but as hashes.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCodes(Vec<String>);

impl RecoveryCodes {
    pub(super) fn new(rng: &dyn Rng) -> Self {
        let code = || {
            let mut bytes = [0; 10];
            rng.fill(&mut bytes);
            let text = base32(&bytes).to_ascii_lowercase();
            [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
        };
        Self((0..RECOVERY_CODES).map(|_| code()).collect())
    }

    /// The codes. Secrets: never for logs.
    pub fn reveal(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodes(hidden)")
    }
}

/// What was shown, as it is hashed: hyphens, blanks and case do not matter. `None` if it cannot be
/// a recovery code.
pub(super) fn plain(shown: &str) -> Option<String> {
    if shown.len() > 2 * CODE_CHARS {
        return None;
    }
    let signs = shown.chars().filter(|sign| !matches!(sign, '-' | ' '));
    let code: String = signs.map(|sign| sign.to_ascii_lowercase()).collect();
    let is_code = code.len() == CODE_CHARS
        && code
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    is_code.then_some(code)
}

/// The hash that a code of `user` is kept as: without `key`, it cannot be guessed backwards.
pub(super) fn hash(key: &[u8], user: &str, code: &str) -> Result<Vec<u8>, TotpError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| TotpError::Secret)?;
    // A code holds no NUL: user and code cannot run into each other.
    mac.update(code.as_bytes());
    mac.update(b"\0");
    mac.update(user.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

//! The secret that a mail carries, and the hash that the database keeps.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_base::random::Rng;
use sha2::{Digest, Sha256};

/// A token as its owner gets it: 256 random bits, 43 characters of base64url.
///
/// Whoever has it may do what it is for, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeToken([u8; 32]);

impl OneTimeToken {
    pub(super) fn new(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// `None` unless `text` is the one spelling of 256 bits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let is_long_enough = text.len() == 43;
        let read = is_long_enough.then(|| URL_SAFE_NO_PAD.decode_slice(text, &mut bytes));
        matches!(read, Some(Ok(32))).then_some(Self(bytes))
    }

    /// What goes into the mail. A secret: never for logs. In a link it belongs behind `#`, where
    /// neither logs of servers nor `Referer` see it.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the database keeps. The token has 256 random bits, so its hash needs no salt.
    pub(super) fn key(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }
}

impl fmt::Debug for OneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeToken(hidden)")
    }
}

//! The secret that a cookie holds, and the hash that a store keeps.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_base::random::Rng;
use sha2::{Digest, Sha256};

/// The id of a session as the browser shows it: 256 random bits, 43 characters of base64url.
///
/// Whoever has it is signed in, so `Debug` hides it and no store ever sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// A new one, from `rng`.
    pub fn new(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill(&mut bytes);
        Self(bytes)
    }

    /// Reads what a cookie says; `None` unless it is the one spelling of 256 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let is_long_enough = text.len() == 43;
        let read = is_long_enough.then(|| URL_SAFE_NO_PAD.decode_slice(text, &mut bytes));
        matches!(read, Some(Ok(32))).then_some(Self(bytes))
    }

    /// The value of the cookie. A secret: never for logs.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What a store keeps the session under.
    pub fn key(&self) -> SessionKey {
        SessionKey(Sha256::digest(self.0).into())
    }

    /// A value that stands for this id and does not tell it: a CSRF token is bound to it.
    pub(crate) fn csrf_binding(&self) -> String {
        let mut hash = Sha256::new();
        // Another hash than the key's, so that what is in the store tells nothing about tokens.
        hash.update(b"purlin csrf binding\0");
        hash.update(self.0);
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(hidden)")
    }
}

/// The SHA-256 of a [`SessionId`]: what stores keep sessions under. The id has 256 random bits, so
/// the hash needs no salt and cannot be guessed backwards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(hidden)")
    }
}

//! The secret that a cookie holds, and the hash that a store keeps.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_base::random::Rng;
use sha2::{Digest, Sha256};

/// The id of a session as the browser shows it: 256 random bits, 43 characters of base64url.
///
/// Whoever has it is signed in, so `Debug` hides it and no store ever sees it. Of sessions that are
/// shared with Express it is Express's own id, out of its signed cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId(Secret);

#[derive(Clone, PartialEq, Eq)]
enum Secret {
    Own([u8; 32]),
    #[cfg(feature = "redis")]
    Express(std::sync::Arc<str>),
}

impl SessionId {
    /// A new one, from `rng`.
    pub fn new(rng: &dyn Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill(&mut bytes);
        Self(Secret::Own(bytes))
    }

    #[cfg(feature = "redis")]
    pub(super) fn express(id: &str) -> Self {
        Self(Secret::Express(id.into()))
    }

    /// Reads what a cookie says; `None` unless it is the one spelling of 256 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let is_long_enough = text.len() == 43;
        let read = is_long_enough.then(|| URL_SAFE_NO_PAD.decode_slice(text, &mut bytes));
        matches!(read, Some(Ok(32))).then_some(Self(Secret::Own(bytes)))
    }

    /// The value of the cookie; of Express's the part before the signature. A secret: never for
    /// logs.
    pub fn reveal(&self) -> String {
        match &self.0 {
            Secret::Own(bytes) => URL_SAFE_NO_PAD.encode(bytes),
            #[cfg(feature = "redis")]
            Secret::Express(id) => id.to_string(),
        }
    }

    /// What a store keeps the session under.
    pub fn key(&self) -> SessionKey {
        SessionKey(Sha256::digest(self.bytes()).into())
    }

    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Secret::Own(bytes) => bytes,
            #[cfg(feature = "redis")]
            Secret::Express(id) => id.as_bytes(),
        }
    }

    /// An identifier that lists may show, for sessions whose store keeps none: it does not tell the
    /// id.
    #[cfg(feature = "redis")]
    pub(super) fn public_id(&self) -> uuid::Uuid {
        let mut hash = Sha256::new();
        hash.update(b"purlin public id\0");
        hash.update(self.bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A value that stands for this id and does not tell it: a CSRF token is bound to it.
    pub(crate) fn csrf_binding(&self) -> String {
        let mut hash = Sha256::new();
        // Another hash than the key's, so that what is in the store tells nothing about tokens.
        hash.update(b"purlin csrf binding\0");
        hash.update(self.bytes());
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

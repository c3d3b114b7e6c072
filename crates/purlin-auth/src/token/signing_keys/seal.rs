//! Keeps private keys unreadable to whoever reads the database without the secret.
//!
//! AES-256-GCM under a key that HKDF derives from the secret for this purpose alone. The name and
//! the algorithm of a key are sealed with it: a row cannot be passed off as another.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use purlin_base::random::Rng;

use crate::token::{Algorithm, KeyError};

/// Never changed: it is part of what the key is derived from.
const PURPOSE: &[u8] = b"purlin-auth signing keys v1";

pub(super) struct Seal(LessSafeKey);

struct KeyBytes;

impl KeyType for KeyBytes {
    fn len(&self) -> usize {
        32
    }
}

impl Seal {
    /// `None` if the library refuses, which on a working system is never.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        Salt::new(HKDF_SHA256, &[])
            .extract(secret)
            .expand(&[PURPOSE], KeyBytes)
            .ok()?
            .fill(&mut bytes)
            .ok()?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).ok();
        bytes.fill(0);
        key.map(LessSafeKey::new).map(Self)
    }

    /// A nonce, then `private` encrypted, then the tag.
    pub(super) fn close(
        &self,
        rng: &dyn Rng,
        kid: &str,
        algorithm: Algorithm,
        mut private: Vec<u8>,
    ) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, aad(kid, algorithm), &mut private)
            .map_err(|_| KeyError::Invalid {
                algorithm: algorithm.name(),
                reason: "it could not be sealed",
            })?;
        Ok([&nonce, &private[..]].concat())
    }

    /// What was closed for `kid` and `algorithm`; `None` if it was not, or not under this secret.
    pub(super) fn open(&self, kid: &str, algorithm: Algorithm, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut private = sealed.to_vec();
        let opened = self
            .0
            .open_in_place(nonce, aad(kid, algorithm), &mut private);
        let len = opened.ok()?.len();
        private.truncate(len);
        Some(private)
    }
}

fn aad(kid: &str, algorithm: Algorithm) -> Aad<Vec<u8>> {
    // The name of an algorithm holds no NUL: the two cannot run into each other.
    Aad::from([algorithm.name().as_bytes(), b"\0", kid.as_bytes()].concat())
}

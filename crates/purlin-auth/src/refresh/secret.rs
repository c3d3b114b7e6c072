//! Tokens as bytes: how they are made, read, hashed, and followed by the next.

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_base::random::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Never changed: successors follow from it.
const PURPOSE: &[u8] = b"purlin-auth refresh successor v1";

const BYTES: usize = 32;

/// 32 bytes in base64url without padding.
const SHOWN_BYTES: usize = 43;

/// A token, in the clear. It is never written anywhere.
pub(super) struct Opaque([u8; BYTES]);

impl Opaque {
    pub(super) fn random(rng: &dyn Rng) -> Self {
        Self(bytes(rng))
    }

    /// `None` for what is no token. Nothing but the length of a long text is looked at.
    pub(super) fn parse(shown: &str) -> Option<Self> {
        if shown.len() != SHOWN_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(shown).ok()?;
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn shown(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the database knows it by.
    pub(super) fn key(&self) -> Vec<u8> {
        Sha256::digest(self.0).to_vec()
    }

    pub(super) fn is_known_by(&self, key: &[u8]) -> bool {
        self.key().ct_eq(key).into()
    }
}

pub(super) fn salt(rng: &dyn Rng) -> Vec<u8> {
    bytes(rng).to_vec()
}

fn bytes(rng: &dyn Rng) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    rng.fill(&mut bytes);
    bytes
}

/// Derives successors: HKDF-SHA-256 of the secret, for the salt and the spent token.
pub(super) struct Deriver(Prk);

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        BYTES
    }
}

impl Deriver {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(Salt::new(HKDF_SHA256, PURPOSE).extract(secret))
    }

    /// # Panics
    ///
    /// If HKDF refuses 32 bytes, which it gives 255 times over.
    pub(super) fn successor(&self, salt: &[u8], spent: &Opaque) -> Opaque {
        let mut bytes = [0; BYTES];
        let info = [salt, &spent.0[..]];
        self.0
            .expand(&info, Length)
            .and_then(|okm| okm.fill(&mut bytes))
            .expect("HKDF gives 32 bytes");
        Opaque(bytes)
    }
}

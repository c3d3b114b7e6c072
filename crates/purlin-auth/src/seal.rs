//! Keeps what must be read again unreadable to whoever reads the database without the secret.
//!
//! AES-256-GCM under a key that HKDF derives from the secret for one purpose alone. What a value
//! belongs to is sealed with it: a row cannot be passed off as another.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use purlin_base::random::Rng;

pub(crate) struct Seal(LessSafeKey);

struct KeyBytes;

impl KeyType for KeyBytes {
    fn len(&self) -> usize {
        32
    }
}

/// 32 bytes of `secret` for `purpose`, which never changes: the bytes depend on it. `None` if the
/// library refuses, which on a working system is never.
pub(crate) fn derive(secret: &[u8], purpose: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    Salt::new(HKDF_SHA256, &[])
        .extract(secret)
        .expand(&[purpose], KeyBytes)
        .ok()?
        .fill(&mut bytes)
        .ok()?;
    Some(bytes)
}

impl Seal {
    /// `None` if the library refuses, which on a working system is never.
    pub(crate) fn new(secret: &[u8], purpose: &[u8]) -> Option<Self> {
        let mut bytes = derive(secret, purpose)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).ok();
        bytes.fill(0);
        key.map(LessSafeKey::new).map(Self)
    }

    /// A nonce, then `private` encrypted, then the tag. `None` if the library refuses.
    pub(crate) fn close(
        &self,
        rng: &dyn Rng,
        belongs_to: &[u8],
        mut private: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let unique = Nonce::assume_unique_for_key(nonce);
        let sealed = self
            .0
            .seal_in_place_append_tag(unique, Aad::from(belongs_to), &mut private);
        sealed.ok()?;
        Some([&nonce, &private[..]].concat())
    }

    /// What was closed for `belongs_to`; `None` if it was not, or not under this secret.
    pub(crate) fn open(&self, belongs_to: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut private = sealed.to_vec();
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(belongs_to), &mut private);
        let len = opened.ok()?.len();
        private.truncate(len);
        Some(private)
    }
}

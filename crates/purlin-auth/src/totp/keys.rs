//! The keys that secrets are sealed under and recovery codes are hashed with.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac,
};
use purlin_base::random::Rng;

use super::code::SECRET_BYTES;

/// Never changed: they are part of what the keys are derived from.
const SEAL: &[u8] = b"purlin-auth totp secrets v1";
const RECOVERY: &[u8] = b"purlin-auth totp recovery codes v1";

pub(super) struct Keys {
    seal: LessSafeKey,
    recovery: hmac::Key,
}

struct KeyBytes;

impl KeyType for KeyBytes {
    fn len(&self) -> usize {
        32
    }
}

impl Keys {
    /// `None` if the library refuses, which on a working system is never.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        let seal = UnboundKey::new(&AES_256_GCM, &derive(secret, SEAL)?).ok()?;
        Some(Self {
            seal: LessSafeKey::new(seal),
            recovery: hmac::Key::new(hmac::HMAC_SHA256, &derive(secret, RECOVERY)?),
        })
    }

    /// A nonce, then the secret of `user` encrypted, then the tag.
    pub(super) fn close(
        &self,
        rng: &dyn Rng,
        user: &str,
        secret: &[u8; SECRET_BYTES],
    ) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let unique = Nonce::assume_unique_for_key(nonce);
        let mut sealed = secret.to_vec();
        let aad = Aad::from(user.as_bytes());
        self.seal
            .seal_in_place_append_tag(unique, aad, &mut sealed)
            .ok()?;
        Some([&nonce, &sealed[..]].concat())
    }

    /// What was closed for `user`; `None` if it was not, or not under this secret.
    pub(super) fn open(&self, user: &str, sealed: &[u8]) -> Option<[u8; SECRET_BYTES]> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut secret = sealed.to_vec();
        let aad = Aad::from(user.as_bytes());
        let opened = self.seal.open_in_place(nonce, aad, &mut secret).ok()?;
        <[u8; SECRET_BYTES]>::try_from(&*opened).ok()
    }

    /// What a recovery code of `user` is kept as. Keyed: a code can be typed, so it is short
    /// enough to be guessed from a plain hash.
    pub(super) fn recovery(&self, user: &str, code: &str) -> Vec<u8> {
        let mut hash = hmac::Context::with_key(&self.recovery);
        // A user holds no NUL: the two cannot run into each other.
        hash.update(user.as_bytes());
        hash.update(b"\0");
        hash.update(code.as_bytes());
        hash.sign().as_ref().to_vec()
    }
}

fn derive(secret: &[u8], purpose: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    Salt::new(HKDF_SHA256, &[])
        .extract(secret)
        .expand(&[purpose], KeyBytes)
        .ok()?
        .fill(&mut bytes)
        .ok()?;
    Some(bytes)
}

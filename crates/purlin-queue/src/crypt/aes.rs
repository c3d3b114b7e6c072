//! AES-256-GCM, with keys that can be changed.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use purlin_base::{BoxError, Classified, ErrorClass, random::SharedRng};

use super::Cipher;

/// AES-256-GCM. The first key seals; all of them open, so that keys can be changed: put the new one
/// in front, and take the old one away once no job sealed by it is left.
///
/// Each payload has a random nonce of 96 bits. Change the key before it has sealed 2³² payloads.
///
/// # Source
///
/// NIST SP 800-38D, with the bound of §8.3.
pub struct Aes256Gcm {
    keys: Vec<(u8, LessSafeKey)>,
    rng: SharedRng,
}

/// A list of keys that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give 1 to 16 keys, each with a number of its own")]
pub struct CipherKeyError;

impl Classified for CipherKeyError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "QUEUE_CIPHER_KEYS"
    }
}

impl Aes256Gcm {
    /// A cipher with these keys and the numbers they are known by: the newest first.
    ///
    /// # Errors
    ///
    /// [`CipherKeyError`] for no key, more than 16, or two of one number.
    pub fn new(keys: &[(u8, [u8; 32])], rng: SharedRng) -> Result<Self, CipherKeyError> {
        let twice = |(at, (number, _)): (usize, &(u8, [u8; 32]))| {
            keys[..at].iter().any(|(earlier, _)| earlier == number)
        };
        if !(1..=16).contains(&keys.len()) || keys.iter().enumerate().any(twice) {
            return Err(CipherKeyError);
        }
        let keys = keys.iter().map(|(number, key)| {
            let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| CipherKeyError)?;
            Ok((*number, LessSafeKey::new(key)))
        });
        let keys = keys.collect::<Result<_, _>>()?;
        Ok(Self { keys, rng })
    }
}

/// The number of the key, the nonce, what is sealed, the tag.
impl Cipher for Aes256Gcm {
    fn seal(&self, plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, BoxError> {
        let (number, key) = &self.keys[0];
        let mut nonce = [0; NONCE_LEN];
        self.rng.fill(&mut nonce);
        let mut text = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(bound_to),
            &mut text,
        )
        .map_err(|_| "the payload is too long to be sealed")?;
        Ok([&[*number][..], &nonce, &text].concat())
    }

    fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, BoxError> {
        let (number, rest) = sealed.split_first().ok_or("it is empty")?;
        let (nonce, text) = rest.split_first_chunk().ok_or("it is too short")?;
        let known = self.keys.iter().find(|(known, _)| known == number);
        let (_, key) = known.ok_or_else(|| format!("key {number} is not known"))?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key.open_in_place(nonce, Aad::from(bound_to), &mut text);
        let length = opened
            .map_err(|_| "it was changed, or sealed for something else")?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

impl fmt::Debug for Aes256Gcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<u8> = self.keys.iter().map(|(number, _)| *number).collect();
        f.debug_struct("Aes256Gcm")
            .field("keys", &numbers)
            .finish_non_exhaustive()
    }
}

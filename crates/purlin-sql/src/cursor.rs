//! Cursors: the place of a row in a list, signed so that nobody can make one up.
//!
//! A cursor is opaque to whoever holds it: base64url of a compact payload and its HMAC-SHA256 tag.
//! The payload holds the version of the format, the way of the walk, what list it belongs to (a
//! hash of the sort and one of the filter) and the key values of one row in full precision. It is
//! signed, not encrypted: do not sort by what the caller may not see.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

mod error;
mod filter;
mod payload;

pub use error::{CursorError, SecretError};
pub use filter::FilterHash;
pub(crate) use filter::{part, truncated};
pub(crate) use payload::{Place, Walk};

/// The most characters a cursor may have, 2048. A longer one is refused before it is read, and
/// none is made.
pub const CURSOR_CHARS_MAX: usize = 2048;

/// The fewest bytes of a signing secret, 32: as long as the tag it makes.
pub const SECRET_BYTES_MIN: usize = 32;

/// The most secrets that one signer knows, 8: the one it signs with and those being retired.
pub const SECRETS_MAX: usize = 8;

const TAG_BYTES: usize = 32;

type Signing = Hmac<Sha256>;

/// Signs cursors and checks the signature of those that come back.
///
/// The secret may be shared with other uses: the key for cursors is derived from it.
///
/// # Examples
///
/// ```
/// use purlin_sql::cursor::{CursorSigner, SecretError};
///
/// let (new, old) = ([7_u8; 32], [8_u8; 32]);
/// // Signs with the new secret; cursors handed out under the old one go on working.
/// let signer = CursorSigner::new(new)?.accept(old)?;
/// assert_eq!(CursorSigner::new("short").err(), Some(SecretError::TooShort));
/// # Ok::<(), SecretError>(())
/// ```
#[derive(Clone)]
pub struct CursorSigner {
    /// Never empty; the first one signs.
    keys: Vec<Signing>,
}

impl CursorSigner {
    /// A signer that signs and checks with a key derived from `secret`.
    ///
    /// # Errors
    ///
    /// [`SecretError::TooShort`] if `secret` has fewer than [`SECRET_BYTES_MIN`] bytes.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SecretError> {
        Ok(Self {
            keys: vec![derive(secret.as_ref())?],
        })
    }

    /// Also takes cursors that were signed with `secret`; for a time after a change of secrets.
    ///
    /// # Errors
    ///
    /// [`SecretError::TooShort`] as for [`new`](Self::new), [`SecretError::TooMany`] beyond
    /// [`SECRETS_MAX`] secrets.
    pub fn accept(mut self, secret: impl AsRef<[u8]>) -> Result<Self, SecretError> {
        if self.keys.len() == SECRETS_MAX {
            return Err(SecretError::TooMany);
        }
        self.keys.push(derive(secret.as_ref())?);
        Ok(self)
    }

    /// The cursor of `place`; `None` if it would be longer than [`CURSOR_CHARS_MAX`].
    pub(crate) fn sign(&self, place: &Place) -> Option<String> {
        let mut bytes = place.to_bytes()?;
        let tag = self.keys[0].clone().chain_update(&bytes).finalize();
        bytes.extend_from_slice(&tag.into_bytes());
        let cursor = URL_SAFE_NO_PAD.encode(bytes);
        (cursor.len() <= CURSOR_CHARS_MAX).then_some(cursor)
    }

    /// The place that `cursor` names. Whether it fits the list at hand is not checked here.
    pub(crate) fn open(&self, cursor: &str) -> Result<Place, CursorError> {
        if cursor.len() > CURSOR_CHARS_MAX {
            return Err(CursorError::TooLong);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| CursorError::Malformed)?;
        let (payload, tag) = bytes
            .split_last_chunk::<TAG_BYTES>()
            .ok_or(CursorError::Malformed)?;
        if !self.keys.iter().any(|key| is_signed(key, payload, tag)) {
            return Err(CursorError::Forged);
        }
        Place::from_bytes(payload)
    }
}

impl fmt::Debug for CursorSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CursorSigner")
            .field("secrets", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// Compares in constant time.
fn is_signed(key: &Signing, payload: &[u8], tag: &[u8]) -> bool {
    key.clone().chain_update(payload).verify_slice(tag).is_ok()
}

fn derive(secret: &[u8]) -> Result<Signing, SecretError> {
    if secret.len() < SECRET_BYTES_MIN {
        return Err(SecretError::TooShort);
    }
    let key = hmac(secret)
        .chain_update(b"purlin cursor")
        .finalize()
        .into_bytes();
    Ok(hmac(&key))
}

fn hmac(key: &[u8]) -> Signing {
    Signing::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests;

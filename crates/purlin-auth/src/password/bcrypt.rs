//! Old bcrypt hashes. None are made.
//!
//! # Source
//!
//! OpenBSD's `bcrypt.c`, as the npm package `bcrypt` carries it: the key is the password and one
//! NUL, of which at most 72 bytes count; other NULs are bytes as any. `$2a$` keeps the length of the
//! key in one byte, so that it starts again at 256. `$2y$` is PHP's name for `$2b$`.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use subtle::ConstantTimeEq;

use super::PasswordError;

/// The highest cost that is computed, about 2 s.
pub(super) const COST_MAX: u32 = 15;

const KEY_BYTES_MAX: usize = 72;
const SALT_CHARS: usize = 22;
const HASH_BYTES: usize = 23;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::BCRYPT,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// A bcrypt hash, read and found bearable.
pub(super) struct Hash {
    length_wraps: bool,
    cost: u32,
    salt: [u8; 16],
    hash: [u8; HASH_BYTES],
}

impl Hash {
    /// Reads `text`; `None` if it is of another kind.
    pub(super) fn parse(text: &str) -> Option<Result<Self, PasswordError>> {
        let (version, rest) = text.strip_prefix("$2")?.split_once('$')?;
        let length_wraps = match version {
            "a" => true,
            "b" | "y" => false,
            _ => return None,
        };
        Some(Self::parse_rest(length_wraps, rest).unwrap_or(Err(PasswordError::StoredUnreadable)))
    }

    fn parse_rest(length_wraps: bool, rest: &str) -> Option<Result<Self, PasswordError>> {
        let (cost, text) = rest.split_once('$')?;
        let digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
        let cost: u32 = cost.parse().ok().filter(|&cost| digits && cost >= 4)?;
        let (salt, hash) = text.split_at_checked(SALT_CHARS)?;
        let salt = BASE64.decode(salt).ok()?.try_into().ok()?;
        let hash = BASE64.decode(hash).ok()?.try_into().ok()?;
        if cost > COST_MAX {
            return Some(Err(PasswordError::StoredTooCostly));
        }
        Some(Ok(Self {
            length_wraps,
            cost,
            salt,
            hash,
        }))
    }

    /// Whether it is the hash of `password`.
    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let hash = ::bcrypt::bcrypt(self.cost, self.salt, &self.key(password));
        hash[..HASH_BYTES].ct_eq(&self.hash).into()
    }

    fn key(&self, password: &[u8]) -> Vec<u8> {
        let whole = password.len() + 1;
        let length = if self.length_wraps {
            whole % 256
        } else {
            whole
        };
        // A key of no bytes is read as its first byte over and over.
        let length = length.clamp(1, KEY_BYTES_MAX);
        let key = password.iter().copied().chain([0]);
        key.take(length).collect()
    }
}

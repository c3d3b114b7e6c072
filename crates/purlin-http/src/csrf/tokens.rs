//! Tokens that only a page of ours can have been given.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use purlin_base::random::Rng;
use sha2::Sha256;

use super::CsrfError;

type Key = Hmac<Sha256>;

/// Makes and checks tokens that are bound to a session.
///
/// A token is the HMAC-SHA256 of the binding and of 32 random bytes, and these bytes. It has no end
/// of its own: it ends with what it is bound to. One server makes it and another checks it, as long
/// as they share the secret.
///
/// # Source
///
/// OWASP's signed double-submit cookie, in the form of npm `csrf-csrf` 4, so that a program with it
/// and this one take each other's tokens.
///
/// # Examples
///
/// ```
/// use purlin_base::random::OsRng;
/// use purlin_http::csrf::CsrfTokens;
///
/// let tokens = CsrfTokens::new("a secret of its own, 32 bytes or more")?;
/// let token = tokens.issue("session-1", &OsRng);
/// assert!(tokens.verify("session-1", &token));
/// assert!(!tokens.verify("session-2", &token));
/// # Ok::<(), purlin_http::csrf::CsrfError>(())
/// ```
#[derive(Clone)]
pub struct CsrfTokens {
    key: Key,
    retired: Vec<Key>,
}

impl CsrfTokens {
    /// The shortest secret, in bytes.
    pub const SECRET_BYTES_MIN: usize = 32;
    /// The length of a token, in characters.
    pub const TOKEN_CHARS: usize = 2 * MAC_BYTES + 1 + 2 * CHANCE_BYTES;
    /// Former secrets that are still known, at most; an older one is forgotten.
    pub const RETIRED_MAX: usize = 4;

    /// Tokens under `secret`, which serves no other purpose.
    ///
    /// # Errors
    ///
    /// [`CsrfError::SecretTooShort`] below [`SECRET_BYTES_MIN`](Self::SECRET_BYTES_MIN).
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, CsrfError> {
        Ok(Self {
            key: key(secret.as_ref())?,
            retired: Vec::new(),
        })
    }

    /// Tokens under a key that is derived from `secret`, which may serve other purposes too.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn derived(secret: impl AsRef<[u8]>) -> Result<Self, CsrfError> {
        let derived = key(secret.as_ref())?.chain_update(b"purlin csrf tokens 1");
        Self::new(derived.finalize().into_bytes())
    }

    /// Takes tokens of `former`, too: its secret was replaced, and its pages are still open.
    #[must_use]
    pub fn retire(mut self, former: Self) -> Self {
        self.retired.push(former.key);
        self.retired.extend(former.retired);
        self.retired.truncate(Self::RETIRED_MAX);
        self
    }

    /// A new token for `binding`: the id of a session, or what stands for it before sign-in. It
    /// must be hard to guess, and change at sign-in. `rng` must be fit for secrets.
    pub fn issue(&self, binding: &str, rng: &dyn Rng) -> String {
        let mut chance = [0; CHANCE_BYTES];
        rng.fill(&mut chance);
        let chance = hex(&chance);
        let mac = signed(&self.key, binding, &chance).finalize().into_bytes();
        format!("{}.{chance}", hex(&mac))
    }

    /// Whether `shown` is a token for `binding`. How long it takes says nothing about how much was
    /// right. False for an empty binding, which everybody has, and for what has another length
    /// than [`TOKEN_CHARS`](Self::TOKEN_CHARS).
    pub fn verify(&self, binding: &str, shown: &str) -> bool {
        if binding.is_empty() || shown.len() != Self::TOKEN_CHARS {
            return false;
        }
        let Some((mac, chance)) = shown.split_once('.') else {
            return false;
        };
        let Some(mac) = unhex(mac) else {
            return false;
        };
        let keys = std::iter::once(&self.key).chain(&self.retired);
        // The comparison of the crate `hmac` takes the same time for every wrong one.
        keys.into_iter()
            .any(|key| signed(key, binding, chance).verify_slice(&mac).is_ok())
    }
}

const MAC_BYTES: usize = 32;
const CHANCE_BYTES: usize = 32;

fn key(secret: &[u8]) -> Result<Key, CsrfError> {
    if secret.len() < CsrfTokens::SECRET_BYTES_MIN {
        return Err(CsrfError::SecretTooShort);
    }
    Key::new_from_slice(secret).map_err(|_| CsrfError::SecretTooShort)
}

/// The lengths keep one pair from being read as another.
fn signed(key: &Key, binding: &str, chance: &str) -> Key {
    let message = format!("{}!{binding}!{}!{chance}", binding.len(), chance.len());
    key.clone().chain_update(message)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The bytes of a code in lower-case hexadecimal.
fn unhex(text: &str) -> Option<[u8; MAC_BYTES]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != 2 * MAC_BYTES {
        return None;
    }
    let mut bytes = [0; MAC_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

impl fmt::Debug for CsrfTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfTokens")
    }
}

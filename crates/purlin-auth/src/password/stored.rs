//! The hashes that are stored: ours, and those that other systems left behind.
//!
//! A stored hash says how much memory and work it takes, and so whoever can write one could take
//! all of both. Everything it asks for has a bound, checked while it is a number.

use argon2_rust::{Algorithm, Version};
use password_hash::phc::PasswordHash;
use subtle::ConstantTimeEq;

use super::{
    Argon2Params, PasswordError, bcrypt,
    engine::{self, Engine, HASH_BYTES, SALT_BYTES},
};

/// The most bytes of a stored hash, as text.
const TEXT_BYTES_MAX: usize = 512;

/// A stored hash, read and found bearable.
pub(super) enum Stored {
    Argon2(Argon2Hash),
    Bcrypt(bcrypt::Hash),
    Scrypt(ScryptHash),
}

/// An Argon2 hash of any kind.
pub(super) struct Argon2Hash {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) params: Argon2Params,
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// A scrypt hash.
pub(super) struct ScryptHash {
    params: scrypt::Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    /// Reads `text`.
    pub(super) fn parse(text: &str) -> Result<Self, PasswordError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(PasswordError::StoredUnreadable);
        }
        if let Some(hash) = bcrypt::Hash::parse(text) {
            return hash.map(Self::Bcrypt);
        }
        let phc = PasswordHash::new(text).map_err(|_| PasswordError::StoredUnreadable)?;
        match phc.algorithm.as_str() {
            "argon2id" => argon2(Algorithm::Argon2id, &phc),
            "argon2i" => argon2(Algorithm::Argon2i, &phc),
            "argon2d" => argon2(Algorithm::Argon2d, &phc),
            "scrypt" => scrypt(&phc),
            _ => Err(PasswordError::StoredUnreadable),
        }
    }

    /// Whether it is the hash of `password`.
    pub(super) fn matches(&self, password: &str, engine: &Engine) -> Result<bool, PasswordError> {
        match self {
            Self::Argon2(hash) => hash.matches(password.as_bytes(), engine),
            Self::Bcrypt(hash) => Ok(hash.matches(password.as_bytes())),
            Self::Scrypt(hash) => hash.matches(password.as_bytes()),
        }
    }

    /// Whether we would make it this way today.
    pub(super) fn is_current(&self, params: Argon2Params) -> bool {
        match self {
            Self::Argon2(hash) => hash.is_current(params),
            Self::Bcrypt(_) | Self::Scrypt(_) => false,
        }
    }
}

impl Argon2Hash {
    fn matches(&self, password: &[u8], engine: &Engine) -> Result<bool, PasswordError> {
        let hash = if self.is_current(engine.params()) {
            engine.hash(password, &self.salt)?
        } else {
            let (algorithm, version) = (self.algorithm, self.version);
            let length = self.hash.len();
            engine::hash_once(
                algorithm,
                version,
                self.params,
                password,
                &self.salt,
                length,
            )?
        };
        Ok(hash.ct_eq(&self.hash).into())
    }

    fn is_current(&self, params: Argon2Params) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.params == params
            && self.salt.len() == SALT_BYTES
            && self.hash.len() == HASH_BYTES
    }
}

fn argon2(algorithm: Algorithm, phc: &PasswordHash) -> Result<Stored, PasswordError> {
    let version = match phc.version {
        Some(0x13) => Version::V0x13,
        // Before there was a field for it, there was this version alone.
        Some(0x10) | None => Version::V0x10,
        Some(_) => return Err(PasswordError::StoredUnreadable),
    };
    let [memory_kib, passes, lanes] = numbers(phc, ["m", "t", "p"])?;
    let params = Argon2Params {
        memory_kib,
        passes,
        lanes,
    };
    if !params.is_bearable() {
        return Err(PasswordError::StoredTooCostly);
    }
    let (salt, hash) = salt_and_hash(phc)?;
    Ok(Stored::Argon2(Argon2Hash {
        algorithm,
        version,
        params,
        salt,
        hash,
    }))
}

impl ScryptHash {
    fn matches(&self, password: &[u8]) -> Result<bool, PasswordError> {
        let mut hash = vec![0; self.hash.len()];
        scrypt::scrypt(password, &self.salt, &self.params, &mut hash)
            .map_err(|_| PasswordError::Failed)?;
        Ok(hash.ct_eq(&self.hash).into())
    }
}

fn scrypt(phc: &PasswordHash) -> Result<Stored, PasswordError> {
    let [log_n, r, p] = numbers(phc, ["ln", "r", "p"])?;
    if phc.version.is_some() {
        return Err(PasswordError::StoredUnreadable);
    }
    if !scrypt_is_bearable(log_n, r, p) {
        return Err(PasswordError::StoredTooCostly);
    }
    // Bearable, and so the cast loses nothing.
    let params =
        scrypt::Params::new(log_n as u8, r, p).map_err(|_| PasswordError::StoredUnreadable)?;
    let (salt, hash) = salt_and_hash(phc)?;
    Ok(Stored::Scrypt(ScryptHash { params, salt, hash }))
}

/// 256 MiB, and twice the work of what OWASP asks for.
fn scrypt_is_bearable(log_n: u32, r: u32, p: u32) -> bool {
    const BLOCKS_MAX: u64 = 1 << 21; // of 128 bytes
    if !(1..=20).contains(&log_n) || !(1..=32).contains(&r) || !(1..=16).contains(&p) {
        return false;
    }
    (u64::from(r) << log_n) * u64::from(p) <= BLOCKS_MAX
}

/// The numbers called `names`, which must be all that there are.
fn numbers<const N: usize>(
    phc: &PasswordHash,
    names: [&str; N],
) -> Result<[u32; N], PasswordError> {
    if phc.params.iter().count() != N {
        return Err(PasswordError::StoredUnreadable);
    }
    let mut numbers = [0; N];
    for (number, name) in numbers.iter_mut().zip(names) {
        let given = phc.params.get_decimal(name);
        *number = given.ok_or(PasswordError::StoredUnreadable)?;
    }
    Ok(numbers)
}

fn salt_and_hash(phc: &PasswordHash) -> Result<(Vec<u8>, Vec<u8>), PasswordError> {
    let salt = phc.salt.as_ref().ok_or(PasswordError::StoredUnreadable)?;
    let hash = phc.hash.as_ref().ok_or(PasswordError::StoredUnreadable)?;
    let salt: &[u8] = salt.as_ref();
    Ok((salt.to_vec(), hash.as_bytes().to_vec()))
}

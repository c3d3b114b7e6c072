//! Argon2 itself, and the memory it works in, which is kept from one hash to the next.
//!
//! The first touch of 19 MiB of fresh memory costs about a quarter of a hash. Each hash that runs
//! at once keeps its block; it is wiped after every hash.

use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2_rust::{
    Algorithm, Argon2, Hasher, Params, Version,
    params::{Memory, TagLen},
};

use super::{Argon2Params, PasswordError};

/// Bytes of a salt that we make.
pub(super) const SALT_BYTES: usize = 16;

/// Bytes of a hash that we make.
pub(super) const HASH_BYTES: usize = 32;

/// Hashes with the current parameters.
pub(super) struct Engine {
    params: Argon2Params,
    argon2: Argon2,
    idle: Mutex<Vec<Hasher>>,
}

impl Engine {
    /// An engine for `params`; `None` if the algorithm is not defined for them.
    pub(super) fn new(params: Argon2Params) -> Option<Self> {
        let native = native(params, HASH_BYTES)?;
        Some(Self {
            params,
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, native),
            idle: Mutex::default(),
        })
    }

    /// What a hash costs.
    pub(super) fn params(&self) -> Argon2Params {
        self.params
    }

    /// Hashes `password`. As many blocks of memory are kept as hashes ever ran at once.
    pub(super) fn hash(&self, password: &[u8], salt: &[u8]) -> Result<Vec<u8>, PasswordError> {
        let kept = self.idle().pop();
        let mut hasher = kept.unwrap_or_else(|| self.argon2.hasher());
        let mut hash = vec![0; HASH_BYTES];
        let done = hasher.hash_into(password, salt, &mut hash);
        self.idle().push(hasher);
        done.map_err(|_| PasswordError::Failed)?;
        Ok(hash)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Hasher>> {
        // A panic elsewhere leaves a list that is still whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hashes with the parameters of a stored hash, in memory of its own.
pub(super) fn hash_once(
    algorithm: Algorithm,
    version: Version,
    params: Argon2Params,
    password: &[u8],
    salt: &[u8],
    hash_bytes: usize,
) -> Result<Vec<u8>, PasswordError> {
    let mut hash = vec![0; hash_bytes];
    let params = native(params, hash_bytes).ok_or(PasswordError::Failed)?;
    Argon2::new(algorithm, version, params)
        .hash_into(password, salt, &mut hash)
        .map_err(|_| PasswordError::Failed)?;
    Ok(hash)
}

/// Whether the algorithm is defined for `params`.
pub(super) fn accepts(params: Argon2Params) -> bool {
    native(params, HASH_BYTES).is_some()
}

fn native(params: Argon2Params, hash_bytes: usize) -> Option<Params> {
    Params::builder()
        .memory(Memory::kib(params.memory_kib.into()))
        .passes(params.passes)
        .lanes(params.lanes)
        .threads(1)
        .tag_len(TagLen::bytes(hash_bytes as u64))
        .build()
        .ok()
}

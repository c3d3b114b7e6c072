//! Keeps private keys unreadable to whoever reads the database without the secret.
//!
//! The name and the algorithm of a key are sealed with it: a row cannot be passed off as another.

use purlin_base::random::Rng;

use crate::{
    seal,
    token::{Algorithm, KeyError},
};

/// Never changed: it is part of what the key is derived from.
const PURPOSE: &[u8] = b"purlin-auth signing keys v1";

pub(super) struct Seal(seal::Seal);

impl Seal {
    /// `None` if the library refuses, which on a working system is never.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        seal::Seal::new(secret, PURPOSE).map(Self)
    }

    pub(super) fn close(
        &self,
        rng: &dyn Rng,
        kid: &str,
        algorithm: Algorithm,
        private: Vec<u8>,
    ) -> Result<Vec<u8>, KeyError> {
        let sealed = self.0.close(rng, &named(kid, algorithm), private);
        sealed.ok_or(KeyError::Invalid {
            algorithm: algorithm.name(),
            reason: "it could not be sealed",
        })
    }

    /// What was closed for `kid` and `algorithm`; `None` if it was not, or not under this secret.
    pub(super) fn open(&self, kid: &str, algorithm: Algorithm, sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(&named(kid, algorithm), sealed)
    }
}

fn named(kid: &str, algorithm: Algorithm) -> Vec<u8> {
    // The name of an algorithm holds no NUL: the two cannot run into each other.
    [algorithm.name().as_bytes(), b"\0", kid.as_bytes()].concat()
}

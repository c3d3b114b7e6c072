//! New keys.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use purlin_base::random::Rng;

use super::{Algorithm, KeyError, invalid};

/// The private part of a new key: PKCS #8, or the bytes of a symmetric key.
pub(in crate::token) struct Private {
    /// The name of a symmetric key; other keys are named by their thumbprint, and this is empty.
    pub(in crate::token) kid: String,
    pub(in crate::token) bytes: Vec<u8>,
}

pub(in crate::token) fn private(algorithm: Algorithm, rng: &dyn Rng) -> Result<Private, KeyError> {
    let refused = |_| invalid(algorithm, "the library makes none");
    let mut chance = [0; 32];
    let mut kid = String::new();
    let bytes = match algorithm {
        Algorithm::EdDsa | Algorithm::Ed25519 => {
            rng.fill(&mut chance);
            let pair = Ed25519KeyPair::from_seed_unchecked(&chance)
                .map_err(|_| invalid(algorithm, "the library makes none"))?;
            pair.to_pkcs8v1().map_err(refused)?.as_ref().to_vec()
        }
        Algorithm::Es256 => {
            let chance = SystemRandom::new();
            let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance);
            der.map_err(refused)?.as_ref().to_vec()
        }
        Algorithm::Rs256 => {
            let pair = KeyPair::generate(KeySize::Rsa2048).map_err(refused)?;
            pair.as_der().map_err(refused)?.as_ref().to_vec()
        }
        Algorithm::Hs256 => {
            let mut name = [0; 16];
            rng.fill(&mut name);
            kid = BASE64_URL_SAFE_NO_PAD.encode(name);
            rng.fill(&mut chance);
            chance.to_vec()
        }
    };
    chance.fill(0);
    Ok(Private { kid, bytes })
}

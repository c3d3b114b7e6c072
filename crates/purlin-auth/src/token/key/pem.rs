//! Keys in PEM.

use aws_lc_rs::rsa::{PublicKey, PublicKeyComponents};
use base64::{Engine, prelude::BASE64_STANDARD};
use jsonwebtoken::{DecodingKey, DecodingKeyKind, EncodingKey};

use super::{Algorithm, KeyError, Public, TokenKey, invalid};

pub(super) fn read(algorithm: Algorithm, pem: &str) -> Result<TokenKey, KeyError> {
    let label = pem.lines().map(str::trim).find(|line| !line.is_empty());
    match label.unwrap_or_default() {
        "-----BEGIN PRIVATE KEY-----" | "-----BEGIN RSA PRIVATE KEY-----" => {
            TokenKey::of_private(algorithm, private(algorithm, pem)?)
        }
        "-----BEGIN PUBLIC KEY-----" | "-----BEGIN RSA PUBLIC KEY-----" => {
            TokenKey::of_public(algorithm, public(algorithm, pem)?)
        }
        "-----BEGIN EC PRIVATE KEY-----" => Err(invalid(
            algorithm,
            "it is in SEC 1: write it as PKCS #8 with `openssl pkcs8 -topk8 -nocrypt`",
        )),
        _ => Err(invalid(algorithm, "it is not the PEM of a plain key")),
    }
}

/// A private key in PKCS #8.
pub(super) fn pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<EncodingKey, KeyError> {
    match algorithm {
        Algorithm::EdDsa | Algorithm::Ed25519 => Ok(EncodingKey::from_ed_der(der)),
        Algorithm::Es256 => Ok(EncodingKey::from_ec_der(der)),
        // RSA is kept as the PKCS #1 inside, which the reader of PEM takes out.
        _ => private(algorithm, &armored(der)),
    }
}

fn armored(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for start in (0..text.len()).step_by(64) {
        pem.push_str(&text[start..text.len().min(start + 64)]);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}

fn private(algorithm: Algorithm, pem: &str) -> Result<EncodingKey, KeyError> {
    let pem = pem.as_bytes();
    match algorithm {
        Algorithm::EdDsa | Algorithm::Ed25519 => EncodingKey::from_ed_pem(pem),
        Algorithm::Es256 => EncodingKey::from_ec_pem(pem),
        Algorithm::Rs256 => EncodingKey::from_rsa_pem(pem),
        Algorithm::Hs256 => return Err(invalid(algorithm, "a symmetric key has no PEM")),
    }
    .map_err(|_| invalid(algorithm, "it is not a private key of that kind"))
}

fn public(algorithm: Algorithm, pem: &str) -> Result<Public, KeyError> {
    let pem = pem.as_bytes();
    let refused = || invalid(algorithm, "it is not a public key of that kind");
    let key = match algorithm {
        Algorithm::EdDsa | Algorithm::Ed25519 => DecodingKey::from_ed_pem(pem),
        Algorithm::Es256 => DecodingKey::from_ec_pem(pem),
        Algorithm::Rs256 => DecodingKey::from_rsa_pem(pem),
        Algorithm::Hs256 => return Err(invalid(algorithm, "a symmetric key has no PEM")),
    }
    .map_err(|_| refused())?;
    let DecodingKeyKind::SecretOrDer(bytes) = key.kind() else {
        return Err(refused());
    };
    match algorithm {
        Algorithm::Es256 => Ok(Public::Ec(bytes.clone())),
        Algorithm::Rs256 => {
            let key = PublicKey::from_der(bytes).map_err(|_| refused())?;
            Ok(Public::rsa(PublicKeyComponents::from(&key)))
        }
        _ => Ok(Public::Ed(bytes.clone())),
    }
}

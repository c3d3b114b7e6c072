//! The public half of a key: what is published, and what the key is named by.

use aws_lc_rs::{
    digest,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};

use super::{Algorithm, Jwk, KeyError, invalid};

const RSA_BITS_MIN: usize = 2048;
const RSA_BITS_MAX: usize = 8192;

#[derive(Clone)]
pub(super) enum Public {
    /// The 32 bytes of a point on edwards25519.
    Ed(Vec<u8>),
    /// A point on P-256: `04`, then both coordinates.
    Ec(Vec<u8>),
    /// Modulus and exponent, big-endian.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Public {
    /// The public half of `private`.
    pub(super) fn of(algorithm: Algorithm, private: &EncodingKey) -> Result<Self, KeyError> {
        let der = private.as_bytes();
        let refused = |_| invalid(algorithm, "it is not a private key of that kind");
        match algorithm {
            Algorithm::EdDsa | Algorithm::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8(der).map_err(refused)?;
                Ok(Self::Ed(pair.public_key().as_ref().to_vec()))
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
                Ok(Self::Ec(
                    pair.map_err(refused)?.public_key().as_ref().to_vec(),
                ))
            }
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::from_der(der).map_err(refused)?;
                Ok(Self::rsa(PublicKeyComponents::from(pair.public_key())))
            }
            Algorithm::Hs256 => Err(invalid(algorithm, "a symmetric key is given as a secret")),
        }
    }

    pub(super) fn rsa(PublicKeyComponents { n, e }: PublicKeyComponents<Vec<u8>>) -> Self {
        let trimmed = |bytes: Vec<u8>| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            bytes[zeros..].to_vec()
        };
        Self::Rsa {
            n: trimmed(n),
            e: trimmed(e),
        }
    }

    /// Refuses what is no key, and what is too short to be one.
    pub(super) fn check(&self, algorithm: Algorithm) -> Result<(), KeyError> {
        let refused = |_| invalid(algorithm, "its public half is not a key");
        match self {
            Self::Ed(x) => ParsedPublicKey::new(&ED25519, x).map_err(refused).map(drop),
            Self::Ec(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .map_err(refused)
                .map(drop),
            Self::Rsa { n, e } => check_rsa(algorithm, n, e),
        }
    }

    pub(super) fn checking(&self) -> DecodingKey {
        match self {
            Self::Ed(x) => DecodingKey::from_ed_der(x),
            Self::Ec(point) => DecodingKey::from_ec_der(point),
            Self::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n, e),
        }
    }

    pub(super) fn jwk(&self, kid: &str, algorithm: Algorithm) -> Jwk {
        let mut jwk = Jwk {
            kty: "",
            kid: kid.to_owned(),
            usage: "sig",
            alg: algorithm.name(),
            crv: None,
            x: None,
            y: None,
            n: None,
            e: None,
        };
        match self {
            Self::Ed(x) => {
                (jwk.kty, jwk.crv, jwk.x) = ("OKP", Some("Ed25519"), Some(text(x)));
            }
            Self::Ec(point) => {
                let (x, y) = coordinates(point);
                (jwk.kty, jwk.crv, jwk.x, jwk.y) = ("EC", Some("P-256"), Some(x), Some(y));
            }
            Self::Rsa { n, e } => {
                (jwk.kty, jwk.n, jwk.e) = ("RSA", Some(text(n)), Some(text(e)));
            }
        }
        jwk
    }

    /// The name that anybody who sees the key gives it.
    ///
    /// # Source
    ///
    /// RFC 7638 §3; RFC 8037 appendix A.3 for `OKP`.
    pub(super) fn thumbprint(&self) -> String {
        let members = match self {
            Self::Ed(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x)),
            Self::Ec(point) => {
                let (x, y) = coordinates(point);
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n))
            }
        };
        text(digest::digest(&digest::SHA256, members.as_bytes()).as_ref())
    }
}

fn check_rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<(), KeyError> {
    let bits = n
        .first()
        .map_or(0, |top| n.len() * 8 - top.leading_zeros() as usize);
    if bits < RSA_BITS_MIN {
        return Err(KeyError::Weak {
            algorithm: algorithm.name(),
            bits_min: RSA_BITS_MIN,
        });
    }
    if bits > RSA_BITS_MAX {
        return Err(invalid(algorithm, "it has more than 8192 bits"));
    }
    let odd = e.last().is_some_and(|byte| byte % 2 == 1);
    // 3 is the least exponent; a long one makes each check slow.
    if !odd || e == [1] || e.len() > 4 {
        return Err(invalid(
            algorithm,
            "its exponent is not an odd number from 3 to 2^32",
        ));
    }
    Ok(())
}

fn coordinates(point: &[u8]) -> (String, String) {
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    (text(x), text(y))
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

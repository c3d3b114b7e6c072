//! Keys in JWK.

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeyPairComponents, PublicKeyComponents},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{Algorithm, KeyError, Public, TokenKey, invalid, pem};
use crate::token::strict_json;

pub(super) fn read(algorithm: Algorithm, json: &str) -> Result<TokenKey, KeyError> {
    let members = strict_json::members(json.as_bytes())
        .ok_or_else(|| invalid(algorithm, "it is not the JSON of a key"))?;
    let jwk = Reader { algorithm, members };
    jwk.refuse_other_uses()?;
    let key = match algorithm {
        Algorithm::EdDsa | Algorithm::Ed25519 => jwk.ed(),
        Algorithm::Es256 => jwk.ec(),
        Algorithm::Rs256 => jwk.rsa(),
        Algorithm::Hs256 => return jwk.symmetric(),
    }?;
    match jwk.text("kid") {
        Some(kid) => key.with_kid(kid),
        None => Ok(key),
    }
}

struct Reader {
    algorithm: Algorithm,
    members: Map<String, Value>,
}

impl Reader {
    fn refuse_other_uses(&self) -> Result<(), KeyError> {
        let says = |name| self.members.get(name);
        let alg_fits = says("alg").is_none_or(|alg| {
            alg.as_str()
                .is_some_and(|name| self.algorithm.is_named(name))
        });
        let use_fits = says("use").is_none_or(|usage| usage == "sig");
        if alg_fits && use_fits {
            return Ok(());
        }
        Err(invalid(
            self.algorithm,
            "it says that it is for something else",
        ))
    }

    fn ed(&self) -> Result<TokenKey, KeyError> {
        self.expect("kty", "OKP")?;
        self.expect("crv", "Ed25519")?;
        let x = self.bytes("x")?;
        if !self.is_private() {
            return TokenKey::of_public(self.algorithm, Public::Ed(x));
        }
        let pair = Ed25519KeyPair::from_seed_and_public_key(&self.bytes("d")?, &x);
        let der = pair.map_err(|_| self.refused())?.to_pkcs8v1();
        self.private(der.map_err(|_| self.refused())?.as_ref())
    }

    fn ec(&self) -> Result<TokenKey, KeyError> {
        self.expect("kty", "EC")?;
        self.expect("crv", "P-256")?;
        let (x, y) = (self.bytes("x")?, self.bytes("y")?);
        if (x.len(), y.len()) != (32, 32) {
            return Err(self.refused());
        }
        let point = [&[4], &x[..], &y[..]].concat();
        if !self.is_private() {
            return TokenKey::of_public(self.algorithm, Public::Ec(point));
        }
        let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(curve, &self.bytes("d")?, &point);
        let der = pair.map_err(|_| self.refused())?.to_pkcs8v1();
        self.private(der.map_err(|_| self.refused())?.as_ref())
    }

    fn rsa(&self) -> Result<TokenKey, KeyError> {
        self.expect("kty", "RSA")?;
        let public_key = PublicKeyComponents {
            n: self.bytes("n")?,
            e: self.bytes("e")?,
        };
        if !self.is_private() {
            return TokenKey::of_public(self.algorithm, Public::rsa(public_key));
        }
        // Checked first: the library refuses a short key too, but does not say why.
        Public::rsa(public_key.clone()).check(self.algorithm)?;
        let pair = KeyPair::from_components(&KeyPairComponents {
            public_key,
            d: self.bytes("d")?,
            p: self.bytes("p")?,
            q: self.bytes("q")?,
            dP: self.bytes("dp")?,
            dQ: self.bytes("dq")?,
            qInv: self.bytes("qi")?,
        });
        let der = pair.map_err(|_| self.refused())?.as_der();
        self.private(der.map_err(|_| self.refused())?.as_ref())
    }

    fn symmetric(&self) -> Result<TokenKey, KeyError> {
        self.expect("kty", "oct")?;
        let kid = self
            .text("kid")
            .ok_or_else(|| invalid(self.algorithm, "a symmetric key needs a `kid`"))?;
        TokenKey::from_secret(&self.bytes("k")?, kid)
    }

    fn private(&self, pkcs8: &[u8]) -> Result<TokenKey, KeyError> {
        TokenKey::of_private(self.algorithm, pem::pkcs8(self.algorithm, pkcs8)?)
    }

    fn is_private(&self) -> bool {
        self.members.contains_key("d")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }

    fn expect(&self, name: &str, value: &str) -> Result<(), KeyError> {
        if self.text(name) == Some(value) {
            return Ok(());
        }
        Err(invalid(self.algorithm, "it is a key of another kind"))
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, KeyError> {
        self.text(name)
            .and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok())
            .ok_or_else(|| self.refused())
    }

    fn refused(&self) -> KeyError {
        invalid(
            self.algorithm,
            "a member is missing, or its parts do not fit together",
        )
    }
}

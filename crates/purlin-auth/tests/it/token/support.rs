//! A clock that stands still, keys, and whoever forges tokens.

use std::sync::Arc;

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jsonwebtoken::{EncodingKey, crypto::aws_lc::DEFAULT_PROVIDER};
use purlin_auth::token::{AccessTokens, AccessTokensBuilder, Algorithm, KeyRing, TokenKey};
use purlin_base::{
    Principal,
    random::SeededRng,
    time::{ManualClock, Timestamp},
};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://shop.example";
pub(crate) const AUDIENCE: &str = "shop";
/// When every test begins, in seconds since 1970.
pub(crate) const NOW: i64 = 1_764_000_000;
pub(crate) const FAMILY: &str = "019ab24a-7c00-7000-8000-000000000001";

pub(crate) fn clock() -> ManualClock {
    ManualClock::new(Timestamp::from_unix_micros(NOW * 1_000_000))
}

pub(crate) fn builder(ring: KeyRing, clock: &ManualClock) -> AccessTokensBuilder {
    AccessTokens::builder(ISSUER, AUDIENCE, ring)
        .clock(Arc::new(clock.clone()))
        .rng(Arc::new(SeededRng::new(1)))
}

pub(crate) fn tokens(ring: KeyRing, clock: &ManualClock) -> AccessTokens {
    builder(ring, clock).build().unwrap()
}

/// An Ed25519 key of `seed`.
pub(crate) fn key(seed: u64) -> TokenKey {
    TokenKey::generate(Algorithm::EdDsa, &SeededRng::new(seed)).unwrap()
}

pub(crate) fn reader() -> Principal {
    Principal::new("user-7", ["reader"])
}

/// The claims of a good token.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "user-7", "iat": NOW, "exp": NOW + 900,
        "jti": "token-1", "roles": ["reader"], "sid": FAMILY,
    })
}

/// A key of which we have both ends: the one in the ring, and the one to forge with.
pub(crate) struct Forger {
    pub(crate) key: TokenKey,
    algorithm: jsonwebtoken::Algorithm,
    signing: EncodingKey,
}

impl Forger {
    pub(crate) fn hmac() -> Self {
        let secret = b"0123456789abcdef0123456789abcdef";
        Self {
            key: TokenKey::from_secret(secret, "hmac").unwrap(),
            algorithm: jsonwebtoken::Algorithm::HS256,
            signing: EncodingKey::from_secret(secret),
        }
    }

    pub(crate) fn rsa() -> Self {
        let pem = rsa_pem(KeySize::Rsa2048);
        Self {
            key: TokenKey::from_pem(Algorithm::Rs256, &pem).unwrap(),
            algorithm: jsonwebtoken::Algorithm::RS256,
            signing: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
        }
    }

    /// The key of RFC 8037, appendix A.
    pub(crate) fn ed() -> Self {
        let pem = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
            -----END PRIVATE KEY-----\n";
        Self {
            key: TokenKey::from_pem(Algorithm::EdDsa, pem).unwrap(),
            algorithm: jsonwebtoken::Algorithm::EdDSA,
            signing: EncodingKey::from_ed_pem(pem.as_bytes()).unwrap(),
        }
    }

    pub(crate) fn ring(&self) -> KeyRing {
        KeyRing::new([self.key.clone()]).unwrap()
    }

    /// The header of a good token by this key.
    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.key.algorithm().name(), "typ": "at+jwt", "kid": self.key.kid()})
    }

    /// A token with exactly these texts, signed well.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        self.sign_parts(&encode(header), &encode(claims))
    }

    /// A token with exactly these two parts, signed well.
    pub(crate) fn sign_parts(&self, header: &str, claims: &str) -> String {
        let message = format!("{header}.{claims}");
        let signer = (DEFAULT_PROVIDER.signer_factory)(&self.algorithm, &self.signing).unwrap();
        let signature = signer.try_sign(message.as_bytes()).unwrap();
        format!("{message}.{}", encode(signature))
    }

    /// A token with the good header and `claims`, signed well.
    pub(crate) fn claiming(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), &claims.to_string())
    }
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// `object` with `member` set to `value`; `null` takes it away.
pub(crate) fn with(mut object: Value, member: &str, value: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(member);
    } else {
        members.insert(member.to_owned(), value);
    }
    object
}

pub(crate) fn rsa_pem(size: KeySize) -> String {
    let pair = KeyPair::generate(size).unwrap();
    let der = pair.as_der().unwrap();
    pem("PRIVATE KEY", der.as_ref())
}

pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64);
    let lines: Vec<_> = lines.map(|line| str::from_utf8(line).unwrap()).collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

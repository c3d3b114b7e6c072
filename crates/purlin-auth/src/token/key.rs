//! One key: its algorithm, its name, and what it can do.

use std::{fmt, sync::Arc};

use jsonwebtoken::{DecodingKey, EncodingKey, crypto::aws_lc::DEFAULT_PROVIDER};
use purlin_base::random::Rng;

use super::{Algorithm, Jwk, KeyError};

mod jwk;
mod make;
mod pem;
mod public;

use public::Public;

/// The fewest bytes of a symmetric key: those of the hash.
const SECRET_BYTES_MIN: usize = 32;
/// The most bytes of a symmetric key: more do not make it stronger.
const SECRET_BYTES_MAX: usize = 1024;
/// The longest name of a key, in bytes.
const KID_BYTES_MAX: usize = 128;

/// A key that tokens are signed with, or only verified. Cheap to clone.
///
/// A key belongs to exactly one [`Algorithm`]; a token that names another is refused. `Debug`
/// shows its name and nothing of the key.
///
/// # Examples
///
/// ```
/// use purlin_auth::token::{Algorithm, TokenKey};
///
/// // RFC 8037, appendix A: a key and its thumbprint.
/// let key = TokenKey::from_jwk(Algorithm::EdDsa, r#"{
///     "kty": "OKP", "crv": "Ed25519",
///     "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
/// }"#)?;
/// assert!(key.can_sign());
/// assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), purlin_auth::token::KeyError>(())
/// ```
#[derive(Clone)]
pub struct TokenKey(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kid: Box<str>,
    algorithm: Algorithm,
    signing: Option<EncodingKey>,
    checking: DecodingKey,
    public: Option<Public>,
}

impl TokenKey {
    /// The key in `pem`: a private one (PKCS #8; for RSA also PKCS #1) signs and verifies, a
    /// public one (SPKI; for RSA also PKCS #1) only verifies. Its name is its RFC 7638 thumbprint.
    ///
    /// # Errors
    ///
    /// [`KeyError::Invalid`] if it is not a key of `algorithm`, [`KeyError::Weak`] for RSA of less
    /// than 2048 bits.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        pem::read(algorithm, pem)
    }

    /// The key in `json`, a JWK: with `d` it signs and verifies, without it only verifies. Its name
    /// is its `kid`, or else its RFC 7638 thumbprint. `oct` keys need a `kid`.
    ///
    /// # Errors
    ///
    /// [`KeyError::Invalid`] if it is not a key of `algorithm`, also if its `alg` or `use` says
    /// so; [`KeyError::Weak`] for RSA of less than 2048 bits and symmetric keys of less than 256.
    pub fn from_jwk(algorithm: Algorithm, json: &str) -> Result<Self, KeyError> {
        jwk::read(algorithm, json)
    }

    /// A symmetric key for [`Algorithm::Hs256`], called `kid`: 32 to 1024 bytes of chance, not a
    /// password.
    ///
    /// # Errors
    ///
    /// [`KeyError::Weak`] for less than 32 bytes; [`KeyError::Invalid`] for more than 1024, for
    /// a PEM (the text of a public key is no secret), and for a `kid` that is none.
    pub fn from_secret(secret: &[u8], kid: &str) -> Result<Self, KeyError> {
        let invalid = |reason| invalid(Algorithm::Hs256, reason);
        if secret.len() < SECRET_BYTES_MIN {
            return Err(KeyError::Weak {
                algorithm: "HS256",
                bits_min: SECRET_BYTES_MIN * 8,
            });
        }
        if secret.len() > SECRET_BYTES_MAX {
            return Err(invalid("it has more than 1024 bytes"));
        }
        if secret.trim_ascii_start().starts_with(b"-----BEGIN") {
            return Err(invalid("it is the text of a PEM, not a secret"));
        }
        Self(Arc::new(Inner {
            kid: Box::default(),
            algorithm: Algorithm::Hs256,
            signing: Some(EncodingKey::from_secret(secret)),
            checking: DecodingKey::from_secret(secret),
            public: None,
        }))
        .with_kid(kid)
    }

    /// A new key. RSA has 2048 bits and takes a good part of a second: not for an executor thread.
    ///
    /// Ed25519 and symmetric keys are made of `rng`; P-256 and RSA keys of AWS-LC's own source of
    /// chance, which takes no other.
    ///
    /// # Errors
    ///
    /// [`KeyError::Invalid`] if the library refuses, which on a working system is never.
    pub fn generate(algorithm: Algorithm, rng: &dyn Rng) -> Result<Self, KeyError> {
        let private = make::private(algorithm, rng)?;
        Self::from_private(algorithm, &private.kid, &private.bytes)
    }

    /// The same key under the name `kid`: 1 to 128 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`KeyError::Invalid`] if `kid` is not such a name.
    pub fn with_kid(self, kid: &str) -> Result<Self, KeyError> {
        let fits = (1..=KID_BYTES_MAX).contains(&kid.len()) && !kid.chars().any(char::is_control);
        if !fits {
            return Err(invalid(
                self.algorithm(),
                "its kid is not 1 to 128 plain bytes",
            ));
        }
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.kid = kid.into();
        Ok(Self(Arc::new(inner)))
    }

    /// The name of the key, as tokens and JWKS say it.
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// The one algorithm that it belongs to.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// Whether it can sign; else it only verifies.
    pub fn can_sign(&self) -> bool {
        self.0.signing.is_some()
    }

    /// Its public half; `None` for a symmetric key, which has none.
    pub fn jwk(&self) -> Option<Jwk> {
        let public = self.0.public.as_ref()?;
        Some(public.jwk(self.kid(), self.algorithm()))
    }

    /// A key from the bytes that [`make::private`] made. Symmetric keys keep the name `kid`;
    /// others are named by their thumbprint.
    pub(super) fn from_private(
        algorithm: Algorithm,
        kid: &str,
        bytes: &[u8],
    ) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Hs256 => Self::from_secret(bytes, kid),
            _ => Self::of_private(algorithm, pem::pkcs8(algorithm, bytes)?),
        }
    }

    fn of_private(algorithm: Algorithm, signing: EncodingKey) -> Result<Self, KeyError> {
        let public = Public::of(algorithm, &signing)?;
        Self::of(algorithm, Some(signing), public)
    }

    fn of_public(algorithm: Algorithm, public: Public) -> Result<Self, KeyError> {
        Self::of(algorithm, None, public)
    }

    fn of(
        algorithm: Algorithm,
        signing: Option<EncodingKey>,
        public: Public,
    ) -> Result<Self, KeyError> {
        public.check(algorithm)?;
        Ok(Self(Arc::new(Inner {
            kid: public.thumbprint().into(),
            algorithm,
            signing,
            checking: public.checking(),
            public: Some(public),
        })))
    }

    /// The signature of `message`; `None` if this key only verifies.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let signing = self.0.signing.as_ref()?;
        // The provider is named: the process-wide one is whatever another crate has chosen.
        let signer = (DEFAULT_PROVIDER.signer_factory)(&self.0.algorithm.jose(), signing).ok()?;
        signer.try_sign(message).ok()
    }

    /// Whether `signature` is this key's for `message`.
    pub(super) fn has_signed(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        (DEFAULT_PROVIDER.verifier_factory)(&self.0.algorithm.jose(), &self.0.checking)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

/// A new private key, before it is put to use: for whoever keeps it.
pub(super) use make::{Private, private};

fn invalid(algorithm: Algorithm, reason: &'static str) -> KeyError {
    KeyError::Invalid {
        algorithm: algorithm.name(),
        reason,
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey")
            .field("kid", &self.kid())
            .field("algorithm", &self.algorithm())
            .field("can_sign", &self.can_sign())
            .finish_non_exhaustive()
    }
}

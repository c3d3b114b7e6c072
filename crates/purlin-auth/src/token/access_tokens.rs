//! Issues access tokens, and verifies them.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use purlin_base::{Principal, Timestamp, id::IdMaker, time::SharedClock};
use serde::Serialize;
use uuid::Uuid;

use super::{
    KeyRing, SigningKeys, TOKEN_BYTES_MAX, TokenError, TokenKey, VerifiedToken,
    cache::{Cache, Good},
    check,
    claims::{self, Expected},
};

mod builder;

pub use builder::AccessTokensBuilder;

/// Issues access tokens, and verifies them. Cheap to clone; clones share what they remember.
///
/// A token is a JWT of type `at+jwt` with `iss`, `aud`, `sub`, `iat`, `exp`, `jti`, `roles`, and
/// `sid` and `client_id` where there is one. It is signed, not secret: whoever holds it can read
/// it, and use it until it expires.
///
/// # Source
///
/// RFC 9068, RFC 8725.
///
/// # Examples
///
/// ```
/// use purlin_auth::token::{AccessTokens, Algorithm, KeyRing, TokenError, TokenKey};
/// use purlin_base::{Principal, random::OsRng};
///
/// let key = TokenKey::generate(Algorithm::EdDsa, &OsRng)?;
/// let tokens = AccessTokens::builder("https://shop.example", "shop", KeyRing::new([key])?).build()?;
///
/// let issued = tokens.issue(&Principal::new("user-7", ["reader"]), None)?;
/// assert_eq!(issued.expires_in.as_secs(), 900);
///
/// let verified = tokens.verify(&issued.token)?;
/// assert_eq!(verified.principal.id(), "user-7");
/// assert!(verified.principal.has_role("reader"));
/// assert_eq!(tokens.verify("eyJhbGciOiJub25lIn0.e30."), Err(TokenError::Malformed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct AccessTokens(Arc<Inner>);

struct Inner {
    expected: Expected,
    client_id: Option<Box<str>>,
    ttl: Duration,
    ring: KeyRing,
    cache: Cache,
    clock: SharedClock,
    ids: IdMaker,
}

/// A token that was issued. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token, for `Authorization: Bearer`.
    pub token: String,
    /// How long it is good, in whole seconds, from now on.
    pub expires_in: Duration,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Payload<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    roles: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<Uuid>,
}

impl AccessTokens {
    /// Begins to describe tokens that `issuer` issues for `audience`, signed by the keys of `ring`.
    ///
    /// `issuer` is an address that names this program, such as `https://shop.example`; `audience`
    /// names who is to take the tokens.
    pub fn builder(issuer: &str, audience: &str, ring: KeyRing) -> AccessTokensBuilder {
        AccessTokensBuilder::new(issuer, audience, ring)
    }

    /// Issues a token for `principal`, as one of the sign-in `family` if there is one.
    ///
    /// Signing takes some 20 µs with Ed25519 and P-256, and about half a millisecond with RSA.
    ///
    /// # Errors
    ///
    /// [`TokenError::Unissuable`] for an empty `sub` or one over 256 bytes, more than 64 roles, a
    /// role of more than 128 bytes, or a token that would be too long;
    /// [`TokenError::NoSigningKey`] if no key of the ring can sign.
    pub fn issue(
        &self,
        principal: &Principal,
        family: Option<Uuid>,
    ) -> Result<IssuedToken, TokenError> {
        if !claims::can_be_issued_for(principal) {
            return Err(TokenError::Unissuable);
        }
        let now = self.0.clock.now();
        let set = self.0.ring.set();
        let key = set.signing(now).ok_or(TokenError::NoSigningKey)?;
        let token = self.sign(key, &self.payload(principal, family, now))?;
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Unissuable);
        }
        Ok(IssuedToken {
            token,
            expires_in: self.0.ttl,
        })
    }

    /// Says what `token` says, if all of it is good: see the chapter on tokens for what is asked.
    ///
    /// A good token is remembered, until it expires or the keys change; verifying it again takes
    /// well under a microsecond, the first time some 30 µs. Never waits.
    ///
    /// That it was not revoked is another question: see [`standing`](crate::standing).
    ///
    /// # Errors
    ///
    /// [`TokenError`], of class `Unauthenticated` always.
    pub fn verify(&self, token: &str) -> Result<Arc<VerifiedToken>, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        let Inner { ring, cache, .. } = &*self.0;
        let now = self.0.clock.now();
        let hash = cache.hash(token);
        if let Some(verified) = cache.get(hash, token, ring.generation(), now) {
            return Ok(verified);
        }
        let keys = ring.set();
        let checked = check::check(token, &keys, &self.0.expected, now);
        if matches!(checked, Err(TokenError::UnknownKey)) {
            ring.miss();
        }
        let (verified, key_until) = checked?;
        let until = verified
            .expires_at
            .saturating_add(self.0.expected.skew)
            .min(key_until.unwrap_or(Timestamp::from_unix_micros(i64::MAX)));
        let verified = Arc::new(verified);
        let good = Good {
            generation: keys.generation,
            until,
        };
        cache.put(hash, token, Arc::clone(&verified), good);
        Ok(verified)
    }

    /// As [`verify`](Self::verify); if the token names a key that is not known here, the keys are
    /// first read again, at most once in a second: another process may just have made it.
    ///
    /// # Errors
    ///
    /// [`TokenError`]. If the keys cannot be read, what was known before decides, and the failure
    /// is logged.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the reading; the keys stay as they were.
    pub async fn verify_fresh(
        &self,
        keys: &SigningKeys,
        token: &str,
    ) -> Result<Arc<VerifiedToken>, TokenError> {
        let generation = self.0.ring.generation();
        let outcome = self.verify(token);
        if !matches!(outcome, Err(TokenError::UnknownKey)) {
            return outcome;
        }
        keys.refresh_after_miss().await;
        if self.0.ring.generation() == generation {
            return outcome;
        }
        self.verify(token)
    }

    /// How long a token is good.
    pub fn ttl(&self) -> Duration {
        self.0.ttl
    }

    /// The keys that sign and verify.
    pub fn ring(&self) -> &KeyRing {
        &self.0.ring
    }

    /// How many verified tokens are remembered, and how many bytes that is counted as.
    pub fn remembered(&self) -> (usize, usize) {
        self.0.cache.size()
    }

    fn payload<'a>(
        &'a self,
        principal: &'a Principal,
        family: Option<Uuid>,
        now: Timestamp,
    ) -> Payload<'a> {
        let iat = now.unix_seconds();
        Payload {
            iss: &self.0.expected.issuer,
            aud: &self.0.expected.audience,
            sub: principal.id(),
            iat,
            exp: iat + self.0.ttl.as_secs() as i64,
            jti: self.0.ids.make(),
            client_id: self.0.client_id.as_deref(),
            roles: principal.roles().collect(),
            sid: family,
        }
    }

    fn sign(&self, key: &TokenKey, payload: &Payload<'_>) -> Result<String, TokenError> {
        let header = Header {
            alg: key.algorithm().name(),
            typ: check::TYPE,
            kid: key.kid(),
        };
        let mut token = part(&header)?;
        token.push('.');
        token.push_str(&part(payload)?);
        let signature = key.sign(token.as_bytes()).ok_or(TokenError::NoSigningKey)?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

fn part(json: &impl Serialize) -> Result<String, TokenError> {
    let json = serde_json::to_vec(json).map_err(|_| TokenError::Unissuable)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(json))
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens")
            .field("issuer", &self.0.expected.issuer)
            .field("audience", &self.0.expected.audience)
            .field("ring", &self.0.ring)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

//! The path of a token that was not seen before: shape, header, signature, claims. Each step is
//! taken only if the one before it is good.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use purlin_base::Timestamp;
use serde_json::{Map, Value};

use super::{
    TokenError, VerifiedToken,
    claims::Expected,
    ring::{Kept, KeySet},
    strict_json,
};

/// The `typ` of access tokens (RFC 9068 §2.1).
pub(super) const TYPE: &str = "at+jwt";

/// What `token` says, and when its key stops to verify.
pub(super) fn check(
    token: &str,
    keys: &KeySet,
    expected: &Expected,
    now: Timestamp,
) -> Result<(VerifiedToken, Option<Timestamp>), TokenError> {
    let parts = Parts::of(token)?;
    let kept = key(&parts.json(parts.header)?, keys, now)?;
    let signature = bytes(parts.signature)?;
    if !kept.key.has_signed(parts.signed.as_bytes(), &signature) {
        return Err(TokenError::Signature);
    }
    let verified = expected.read(&parts.json(parts.claims)?, now)?;
    Ok((verified, kept.verifies_until))
}

struct Parts<'a> {
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    /// Header, dot and claims: what the signature is of.
    signed: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, TokenError> {
        let split = || {
            let (signed, signature) = token.rsplit_once('.')?;
            let (header, claims) = signed.split_once('.')?;
            let whole = !claims.contains('.') && !signature.is_empty();
            whole.then_some(Self {
                header,
                claims,
                signature,
                signed,
            })
        };
        split().ok_or(TokenError::Malformed)
    }

    fn json(&self, part: &str) -> Result<Map<String, Value>, TokenError> {
        strict_json::members(&bytes(part)?).ok_or(TokenError::Malformed)
    }
}

/// Only the one canonical form is taken: no padding, no white space, no bits left over.
fn bytes(part: &str) -> Result<Vec<u8>, TokenError> {
    BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)
}

/// The key that the header names, if the header is one of an access token by that key. What the
/// header brings along of keys (`jwk`, `jku`, `x5c`, `x5u`) is not looked at.
fn key<'k>(
    header: &Map<String, Value>,
    keys: &'k KeySet,
    now: Timestamp,
) -> Result<&'k Kept, TokenError> {
    let text = |name| header.get(name).and_then(Value::as_str);
    if header.contains_key("crit") {
        return Err(TokenError::Critical);
    }
    if !text("typ").is_some_and(is_access_token) {
        return Err(TokenError::Type);
    }
    let kept = text("kid").and_then(|kid| keys.find(kid, now));
    let kept = kept.ok_or(TokenError::UnknownKey)?;
    let fits = text("alg").is_some_and(|alg| kept.key.algorithm().is_named(alg));
    if fits {
        return Ok(kept);
    }
    Err(TokenError::Algorithm)
}

/// Media types are compared without case, and `application/` may be left out (RFC 7515 §4.1.9).
fn is_access_token(typ: &str) -> bool {
    const PREFIX: &str = "application/";
    let prefix = typ.get(..PREFIX.len());
    let short = match prefix {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => &typ[PREFIX.len()..],
        _ => typ,
    };
    short.eq_ignore_ascii_case(TYPE)
}

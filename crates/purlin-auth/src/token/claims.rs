//! What a token says, and whether that is for us and for now.

use std::time::Duration;

use purlin_base::{Principal, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{TokenError, VerifiedToken};

/// The longest `sub` and `jti`, in bytes.
const ID_BYTES_MAX: usize = 256;
/// The most roles.
const ROLES_MAX: usize = 64;
/// The longest name of a role, in bytes.
const ROLE_BYTES_MAX: usize = 128;
/// The most audiences of one token.
const AUDIENCES_MAX: usize = 16;
/// The end of the year 9999.
const SECONDS_MAX: i64 = 253_402_300_799;

/// What the claims of a token are held against.
pub(super) struct Expected {
    pub(super) issuer: Box<str>,
    pub(super) audience: Box<str>,
    pub(super) skew: Duration,
}

impl Expected {
    /// What `members` say, if it is for us and for `now`.
    pub(super) fn read(
        &self,
        members: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<VerifiedToken, TokenError> {
        let claims = Claims(members);
        if claims.text("iss")? != &*self.issuer {
            return Err(TokenError::Issuer);
        }
        if !claims.is_for(&self.audience)? {
            return Err(TokenError::Audience);
        }
        let (issued_at, expires_at) = self.times(&claims, now)?;
        Ok(VerifiedToken {
            principal: Principal::new(claims.id("sub")?, claims.roles()?),
            id: claims.id("jti")?.into(),
            family: claims.family()?,
            issued_at,
            expires_at,
        })
    }

    fn times(
        &self,
        claims: &Claims<'_>,
        now: Timestamp,
    ) -> Result<(Timestamp, Timestamp), TokenError> {
        let expires_at = claims.time("exp")?;
        let issued_at = claims.time("iat")?;
        if now >= expires_at.saturating_add(self.skew) {
            return Err(TokenError::Expired);
        }
        let starts = match claims.0.get("nbf") {
            Some(_) => claims.time("nbf")?.max(issued_at),
            None => issued_at,
        };
        if starts > now.saturating_add(self.skew) {
            return Err(TokenError::NotYetValid);
        }
        if expires_at < starts {
            return Err(TokenError::Claim { claim: "exp" });
        }
        Ok((issued_at, expires_at))
    }
}

/// Whether a token can be issued for `principal`: none is that verification would refuse.
pub(super) fn can_be_issued_for(principal: &Principal) -> bool {
    let role_fits = |role: &str| (1..=ROLE_BYTES_MAX).contains(&role.len());
    (1..=ID_BYTES_MAX).contains(&principal.id().len())
        && principal.roles().count() <= ROLES_MAX
        && principal.roles().all(role_fits)
}

struct Claims<'a>(&'a Map<String, Value>);

impl<'a> Claims<'a> {
    fn text(&self, claim: &'static str) -> Result<&'a str, TokenError> {
        let value = self.0.get(claim).and_then(Value::as_str);
        value.ok_or(TokenError::Claim { claim })
    }

    fn id(&self, claim: &'static str) -> Result<&'a str, TokenError> {
        let text = self.text(claim)?;
        if (1..=ID_BYTES_MAX).contains(&text.len()) {
            return Ok(text);
        }
        Err(TokenError::Claim { claim })
    }

    /// Whole seconds since 1970, rounded down.
    ///
    /// # Source
    ///
    /// `NumericDate`, RFC 7519 §2: a number, which may have a fraction.
    fn time(&self, claim: &'static str) -> Result<Timestamp, TokenError> {
        let value = self.0.get(claim);
        let whole = value.and_then(Value::as_i64);
        let seconds = whole.or_else(|| {
            let seconds = value?.as_f64()?;
            let fits = (0.0..=SECONDS_MAX as f64).contains(&seconds);
            fits.then_some(seconds as i64)
        });
        let seconds = seconds.filter(|seconds| (0..=SECONDS_MAX).contains(seconds));
        seconds
            .map(|seconds| Timestamp::from_unix_micros(seconds * 1_000_000))
            .ok_or(TokenError::Claim { claim })
    }

    fn is_for(&self, audience: &str) -> Result<bool, TokenError> {
        let wrong = TokenError::Claim { claim: "aud" };
        match self.0.get("aud") {
            Some(Value::String(one)) => Ok(one == audience),
            Some(Value::Array(all)) => {
                let plain = all.iter().all(Value::is_string) && all.len() <= AUDIENCES_MAX;
                if !plain {
                    return Err(wrong);
                }
                Ok(all.iter().any(|one| one == audience))
            }
            _ => Err(wrong),
        }
    }

    fn roles(&self) -> Result<Vec<&'a str>, TokenError> {
        let wrong = TokenError::Claim { claim: "roles" };
        let all = match self.0.get("roles") {
            None => return Ok(Vec::new()),
            Some(Value::Array(all)) if all.len() <= ROLES_MAX => all,
            Some(_) => return Err(wrong),
        };
        let role = |value: &'a Value| {
            let name = value.as_str()?;
            (1..=ROLE_BYTES_MAX).contains(&name.len()).then_some(name)
        };
        all.iter().map(role).collect::<Option<_>>().ok_or(wrong)
    }

    /// A UUID in its one canonical form, so that a family has one name.
    fn family(&self) -> Result<Option<Uuid>, TokenError> {
        if !self.0.contains_key("sid") {
            return Ok(None);
        }
        let text = self.text("sid")?;
        match Uuid::try_parse(text) {
            Ok(family) if family.to_string() == text => Ok(Some(family)),
            _ => Err(TokenError::Claim { claim: "sid" }),
        }
    }
}

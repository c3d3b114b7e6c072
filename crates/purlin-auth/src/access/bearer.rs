//! Who asks, by an access token.

use std::{fmt, future::Future, sync::Arc};

use http::{header, request::Parts};
use purlin_base::{BoxFuture, Principal};
use purlin_http::guard::bearer_token;

use super::{AccessError, Authenticator, Identified, Proof, RoleSet};
use crate::{
    standing::{Revoked, Standing},
    token::{AccessTokens, SigningKeys, VerifiedToken},
};

/// A token that is good, and for whom it speaks now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What the token says.
    pub token: Arc<VerifiedToken>,
    /// For whom it speaks: with the roles of now, where those of the token are older.
    pub principal: Principal,
}

/// Says whether an access token is good, and was not revoked since.
pub trait VerifyToken: Send + Sync + 'static {
    /// What `token` says, if it is good.
    ///
    /// # Errors
    ///
    /// [`AccessError::token`] for a token that is not; [`AccessError::Unavailable`] if it cannot be
    /// found out.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the caller hangs up.
    fn verify(&self, token: &str) -> impl Future<Output = Result<Verified, AccessError>> + Send;
}

/// Recognises whoever shows a good access token as `Authorization: Bearer`.
///
/// Whatever else stands in `Authorization` is refused: two fields, another scheme, no token.
///
/// # Examples
///
/// ```
/// use purlin_auth::access::{BearerAuthenticator, RoleSet, VerifyToken};
///
/// fn by_token<V: VerifyToken>(tokens: V, roles: RoleSet) -> BearerAuthenticator<V> {
///     BearerAuthenticator::new(tokens, roles)
/// }
/// ```
pub struct BearerAuthenticator<V> {
    tokens: V,
    roles: RoleSet,
}

impl<V: VerifyToken> BearerAuthenticator<V> {
    /// Asks `tokens`; what the roles of a principal include is said by `roles`.
    pub fn new(tokens: V, roles: RoleSet) -> Self {
        Self { tokens, roles }
    }

    async fn find(&self, head: &Parts) -> Result<Option<Identified>, AccessError> {
        if !self.concerns(head) {
            return Ok(None);
        }
        let Some(token) = bearer_token(&head.headers) else {
            return Err(AccessError::token(
                "`Authorization` is not one bearer token",
            ));
        };
        let Verified { token, principal } = self.tokens.verify(token).await?;
        let principal = self.roles.expand(&principal);
        Ok(Some(Identified::new(principal, Proof::Bearer(token))))
    }
}

impl<V: VerifyToken> Authenticator for BearerAuthenticator<V> {
    fn concerns(&self, head: &Parts) -> bool {
        head.headers.contains_key(header::AUTHORIZATION)
    }

    fn authenticate<'a>(
        &'a self,
        head: &'a Parts,
    ) -> BoxFuture<'a, Result<Option<Identified>, AccessError>> {
        Box::pin(self.find(head))
    }
}

impl<V> fmt::Debug for BearerAuthenticator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerAuthenticator")
    }
}

/// Takes the access tokens of this application, as long as nobody has revoked them.
///
/// # Examples
///
/// ```
/// use purlin_auth::{
///     access::{BearerAuthenticator, RoleSet, TokensInForce},
///     standing::Standing,
///     token::{AccessTokens, SigningKeys},
/// };
///
/// fn by_token(
///     tokens: AccessTokens,
///     keys: SigningKeys,
///     standing: Standing,
///     roles: RoleSet,
/// ) -> BearerAuthenticator<TokensInForce> {
///     BearerAuthenticator::new(TokensInForce::new(tokens, keys, standing), roles)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct TokensInForce {
    tokens: AccessTokens,
    keys: SigningKeys,
    standing: Standing,
}

impl TokensInForce {
    /// Those that `tokens` verifies with `keys`, and `standing` does not deny.
    pub fn new(tokens: AccessTokens, keys: SigningKeys, standing: Standing) -> Self {
        Self {
            tokens,
            keys,
            standing,
        }
    }
}

impl VerifyToken for TokensInForce {
    async fn verify(&self, token: &str) -> Result<Verified, AccessError> {
        let verified = self.tokens.verify_fresh(&self.keys, token).await;
        let token = verified.map_err(AccessError::token)?;
        let principal = self.standing.judge(&token).map_err(|why| match why {
            Revoked::Unknown => AccessError::Unavailable(why.into()),
            Revoked::SignedOut => AccessError::token(why),
        })?;
        Ok(Verified { token, principal })
    }
}

//! This crate's own tokens and sessions, as authenticators ask for them.

use std::sync::Arc;

use http::HeaderMap;
use purlin_base::Classified;

use super::{AccessError, FoundSession, LoadSession, Verified, VerifyToken};
use crate::{
    session::Sessions,
    standing::{Revoked, Standing},
    token::{AccessTokens, SigningKeys},
};

/// Access tokens whose keys are in the database, held against the deny-list. Cheap to clone.
#[derive(Clone)]
pub struct StandingTokens {
    tokens: AccessTokens,
    keys: SigningKeys,
    standing: Standing,
}

impl StandingTokens {
    /// `tokens` that are signed by `keys`, unless `standing` says that they were revoked.
    pub fn new(tokens: AccessTokens, keys: SigningKeys, standing: Standing) -> Self {
        Self {
            tokens,
            keys,
            standing,
        }
    }
}

impl VerifyToken for StandingTokens {
    async fn verify(&self, token: &str) -> Result<Verified, AccessError> {
        let verified = self.tokens.verify_fresh(&self.keys, token).await;
        let token = verified.map_err(AccessError::token)?;
        match self.standing.judge(&token) {
            Ok(principal) => Ok(Verified { token, principal }),
            Err(Revoked::Unknown) => Err(AccessError::Unavailable(Box::new(Revoked::Unknown))),
            Err(revoked) => Err(AccessError::token(revoked)),
        }
    }
}

impl LoadSession for Arc<Sessions> {
    async fn load(&self, headers: &HeaderMap) -> Result<Option<FoundSession>, AccessError> {
        let found = Sessions::load(self, headers).await;
        let session = found.map_err(|error| {
            tracing::error!(code = error.code(), %error, "a session could not be looked up");
            AccessError::Unavailable(error.into())
        })?;
        Ok(session.map(|session| FoundSession {
            principal: session.principal(),
            id: session.public_id(),
        }))
    }
}

//! What a good access token says.

use std::sync::Arc;

use purlin_base::{Principal, Timestamp};
use uuid::Uuid;

/// What a good access token says. That it was not revoked since is another question: see
/// [`standing`](crate::standing).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedToken {
    /// Whom it speaks for: `sub`, and `roles`.
    pub principal: Principal,
    /// The identifier of the token: `jti`.
    pub id: Arc<str>,
    /// The family of refresh tokens that it was issued with: `sid`. `None` for a token that stands
    /// alone.
    pub family: Option<Uuid>,
    /// When it was issued: `iat`, in whole seconds.
    pub issued_at: Timestamp,
    /// When it ends: `exp`, in whole seconds.
    pub expires_at: Timestamp,
}

impl VerifiedToken {
    /// What a token says that was checked elsewhere.
    pub fn new(
        principal: Principal,
        id: impl Into<Arc<str>>,
        family: Option<Uuid>,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            principal,
            id: id.into(),
            family,
            issued_at,
            expires_at,
        }
    }
}

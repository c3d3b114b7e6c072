//! Who asks, by the cookie of a session.

use std::{fmt, future::Future};

use http::{HeaderMap, request::Parts};
use purlin_base::{BoxFuture, Principal};
use uuid::Uuid;

use super::{AccessError, Authenticator, Identified, Proof, RoleSet};

/// A session that is alive, and of somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// Whose it is, with the roles of now.
    pub principal: Principal,
    /// Its identifier, as it may be shown: not the secret of the cookie.
    pub id: Uuid,
}

/// Finds sessions by the cookie that browsers send.
pub trait LoadSession: Send + Sync + 'static {
    /// The session whose cookie is among `headers`; `None` if there is no such cookie, if it has
    /// ended, never was, or belongs to nobody yet.
    ///
    /// Two cookies of its name are none: one of them was put there by somebody else, such as
    /// another host of the same domain, and which one is not known.
    ///
    /// # Errors
    ///
    /// [`AccessError::Unavailable`] if it cannot be found out.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the caller hangs up.
    fn load(
        &self,
        headers: &HeaderMap,
    ) -> impl Future<Output = Result<Option<FoundSession>, AccessError>> + Send;
}

/// Recognises browsers by the cookie of their session.
///
/// # Examples
///
/// ```
/// use purlin_auth::access::{LoadSession, RoleSet, SessionAuthenticator};
///
/// fn by_cookie<S: LoadSession>(sessions: S, roles: RoleSet) -> SessionAuthenticator<S> {
///     SessionAuthenticator::new(sessions, roles)
/// }
/// ```
pub struct SessionAuthenticator<S> {
    sessions: S,
    roles: RoleSet,
}

impl<S: LoadSession> SessionAuthenticator<S> {
    /// Asks `sessions`; what the roles of a principal include is said by `roles`.
    pub fn new(sessions: S, roles: RoleSet) -> Self {
        Self { sessions, roles }
    }

    async fn find(&self, head: &Parts) -> Result<Option<Identified>, AccessError> {
        let found = self.sessions.load(&head.headers).await?;
        Ok(found.map(|FoundSession { principal, id }| {
            Identified::new(self.roles.expand(&principal), Proof::Session(id))
        }))
    }
}

impl<S: LoadSession> Authenticator for SessionAuthenticator<S> {
    fn authenticate<'a>(
        &'a self,
        head: &'a Parts,
    ) -> BoxFuture<'a, Result<Option<Identified>, AccessError>> {
        Box::pin(self.find(head))
    }
}

impl<S> fmt::Debug for SessionAuthenticator<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionAuthenticator")
    }
}

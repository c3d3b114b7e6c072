//! Who asks, by the cookie of a session.

use std::{fmt, future::Future, sync::Arc};

use http::{HeaderMap, header, request::Parts};
use purlin_base::{BoxFuture, Principal};
use purlin_http::csrf::{CsrfBinding, CsrfTokens};
use uuid::Uuid;

use super::{AccessError, Authenticator, Identified, Proof, RoleSet};
use crate::session::Sessions;

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

    /// What the tokens of forms are bound to, for the session whose cookie is among `headers`.
    /// Default: nothing, for sessions that have no forms.
    fn csrf_binding(&self, _headers: &HeaderMap) -> Option<String> {
        None
    }
}

impl<L: LoadSession> LoadSession for Arc<L> {
    async fn load(&self, headers: &HeaderMap) -> Result<Option<FoundSession>, AccessError> {
        (**self).load(headers).await
    }

    fn csrf_binding(&self, headers: &HeaderMap) -> Option<String> {
        (**self).csrf_binding(headers)
    }
}

impl LoadSession for Sessions {
    async fn load(&self, headers: &HeaderMap) -> Result<Option<FoundSession>, AccessError> {
        let session = Self::load(self, headers).await;
        let session = session.map_err(|error| AccessError::Unavailable(error.into()))?;
        Ok(session.map(|session| FoundSession {
            principal: session.principal(),
            id: session.public_id(),
        }))
    }

    fn csrf_binding(&self, headers: &HeaderMap) -> Option<String> {
        Some(self.read(headers)?.csrf_binding())
    }
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
    csrf: Option<Arc<CsrfTokens>>,
}

impl<S: LoadSession> SessionAuthenticator<S> {
    /// Asks `sessions`; what the roles of a principal include is said by `roles`.
    pub fn new(sessions: S, roles: RoleSet) -> Self {
        Self {
            sessions,
            roles,
            csrf: None,
        }
    }

    /// Has every unsafe request that such a cookie lets in show a token of `tokens`, in a form or
    /// in a header field: see [`csrf`](purlin_http::csrf). Needs sessions that say what tokens are
    /// [bound to](LoadSession::csrf_binding): those that do not are bound to nothing, and no token
    /// is right.
    pub fn csrf(mut self, tokens: Arc<CsrfTokens>) -> Self {
        self.csrf = Some(tokens);
        self
    }

    async fn find(&self, head: &Parts) -> Result<Option<Identified>, AccessError> {
        let found = self.sessions.load(&head.headers).await?;
        let Some(FoundSession { principal, id }) = found else {
            return Ok(None);
        };
        let found = Identified::new(self.roles.expand(&principal), Proof::Session(id));
        let Some(tokens) = &self.csrf else {
            return Ok(Some(found));
        };
        let binding = self.sessions.csrf_binding(&head.headers);
        let binding = CsrfBinding::new(Arc::clone(tokens), binding.unwrap_or_default());
        Ok(Some(found.guarded_by(binding)))
    }
}

impl<S: LoadSession> Authenticator for SessionAuthenticator<S> {
    fn concerns(&self, head: &Parts) -> bool {
        head.headers.contains_key(header::COOKIE)
    }

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

//! Who asks, by the cookie of a session.

use std::{fmt, future::Future, sync::Arc};

use http::{HeaderMap, header, request::Parts};
use purlin_base::{BoxFuture, Principal};

use super::{AccessError, Authenticator, Identified, Proof, RoleSet};

/// A session that is alive, and of somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// Whose it is, with the roles of now.
    pub principal: Principal,
    /// Its identifier, as it may be shown: not the secret of the cookie.
    pub id: Arc<str>,
}

/// Finds sessions by the value of their cookie.
pub trait LoadSession: Send + Sync + 'static {
    /// What the cookie is called: `__Host-session`.
    fn cookie(&self) -> &str;

    /// The session whose cookie has `value`; `None` if it has ended, never was, or belongs to
    /// nobody yet.
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
        value: &str,
    ) -> impl Future<Output = Result<Option<FoundSession>, AccessError>> + Send;
}

/// Recognises browsers by the cookie of their session.
///
/// Two cookies of that name are nobody's: one of them was put there by somebody else, such as
/// another host of the same domain, and which one is not known.
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
        let Some(value) = only_cookie(&head.headers, self.sessions.cookie()) else {
            return Ok(None);
        };
        let found = self.sessions.load(value).await?;
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

/// The value of the cookie `name`, if exactly one is sent.
fn only_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let fields = headers.get_all(header::COOKIE).iter();
    let texts = fields.filter_map(|field| field.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';'));
    let mut values = pairs
        .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
        .filter_map(|(key, value)| (key == name).then_some(value));
    let (only, None) = (values.next()?, values.next()) else {
        return None;
    };
    Some(only)
}

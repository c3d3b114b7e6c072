//! A session as a handler sees it.

use http::HeaderValue;
use purlin_base::{Principal, Timestamp};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{SessionError, SessionId, SessionRecord};

/// A session that was shown and is good.
#[derive(Clone, Debug)]
pub struct Session {
    id: SessionId,
    record: SessionRecord,
}

impl Session {
    pub(super) fn new(id: SessionId, record: SessionRecord) -> Self {
        Self { id, record }
    }

    pub(super) fn with_roles(mut self, roles: Vec<String>) -> Self {
        self.record.roles = roles;
        self
    }

    /// What the browser showed.
    pub fn id(&self) -> &SessionId {
        &self.id
    }

    /// What lists show it as.
    pub fn public_id(&self) -> Uuid {
        self.record.public_id
    }

    /// Whose it is.
    pub fn user(&self) -> &str {
        &self.record.user
    }

    /// The user's roles.
    pub fn roles(&self) -> &[String] {
        &self.record.roles
    }

    /// The user and the roles, for guards and policies.
    pub fn principal(&self) -> Principal {
        Principal::new(
            &self.record.user,
            self.record.roles.iter().map(String::as_str),
        )
    }

    /// When the user signed in.
    pub fn created_at(&self) -> Timestamp {
        self.record.created_at
    }

    /// When it was last used. This very use may not be written down yet.
    pub fn last_used_at(&self) -> Timestamp {
        self.record.last_used_at
    }

    /// When it ends however much it is used.
    pub fn ends_at(&self) -> Timestamp {
        self.record.ends_at
    }

    /// Everything that is kept.
    pub fn record(&self) -> &SessionRecord {
        &self.record
    }

    /// The application's own data; `None` before any was set.
    ///
    /// # Errors
    ///
    /// [`SessionError::Data`] when it is not of type `T`.
    pub fn data<T: DeserializeOwned>(&self) -> Result<Option<T>, SessionError> {
        serde_json::from_str(&self.record.data).map_err(SessionError::Data)
    }

    /// What a CSRF token is bound to. It is another one after every sign-in and
    /// [`rotate`](super::Sessions::rotate), and does not tell the id.
    pub fn csrf_binding(&self) -> String {
        self.id.csrf_binding()
    }
}

/// A session whose id was just made.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session.
    pub session: Session,
    /// The `Set-Cookie` header that must go out with the answer, or the user is not signed in.
    pub cookie: HeaderValue,
    /// The `Set-Cookie` header that takes away the cookie from before the sign-in. Good manners:
    /// nothing depends on it.
    pub clear_pre_session: HeaderValue,
}

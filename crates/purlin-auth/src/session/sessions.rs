//! When a session begins, changes its id and ends.

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};
use purlin_base::{Timestamp, id::IdMaker, random::SharedRng, time::SharedClock};
use serde::Serialize;
use uuid::Uuid;

#[cfg(feature = "redis")]
use super::express::SharedWithExpress;
use super::{
    CookiePolicy, NewSession, PreSession, RolesOfUser, Session, SessionError, SessionId,
    SessionRecord, SessionStore, SessionsBuilder, SharedSessionStore,
    record::{check_roles, check_user, tidy_device},
};

/// The sessions of an application.
///
/// A use is written down at most once in a touch interval (a minute, or a thirtieth of `idle` if
/// that is less), not with every request. A session may therefore end up to that much *before* its
/// idle time is over, and never after it.
///
/// # Errors
///
/// Every method that asks the store fails with [`SessionError::Sql`] or
/// [`SessionError::Unavailable`]: an answer that is not known is never taken for "nobody".
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use {http::{HeaderMap, header::COOKIE}, std::sync::Arc};
/// use purlin_auth::session::{CookiePolicy, MemorySessionStore, Sessions};
///
/// let cookie = CookiePolicy::for_public_url("https://books.example")?;
/// let sessions = Sessions::builder(Arc::new(MemorySessionStore::default()), cookie).build()?;
///
/// let request = HeaderMap::new(); // of POST /session
/// let old = sessions.read(&request);
/// let new = sessions.sign_in(old.as_ref(), "u1", ["reader"], "Firefox on Linux").await?;
/// // … the answer sets `new.cookie`, and the browser sends it from now on:
/// let sent = new.cookie.to_str()?.split(';').next().unwrap_or_default();
/// let request = HeaderMap::from_iter([(COOKIE, sent.parse()?)]);
///
/// let session = sessions.load(&request).await?.ok_or("signed in")?;
/// assert_eq!(session.user(), "u1");
/// let clear_cookie = sessions.sign_out(session.id()).await?;
/// assert!(sessions.load(&request).await?.is_none());
/// # drop(clear_cookie); Ok(()) }
/// ```
pub struct Sessions {
    pub(super) kept: Kept,
    /// Who says what users may do; `None`: the session keeps it.
    pub(super) roles: Option<Arc<dyn RolesOfUser>>,
    pub(super) cookie: CookiePolicy,
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    pub(super) touch_every: Duration,
    pub(super) data_bytes_max: usize,
    pub(super) clock: SharedClock,
    pub(super) rng: SharedRng,
    pub(super) ids: IdMaker,
}

/// Who keeps them.
pub(super) enum Kept {
    Own(SharedSessionStore),
    #[cfg(feature = "redis")]
    Express(SharedWithExpress),
}

impl Sessions {
    /// Begins sessions kept in `store`, with cookies as `cookie` says.
    pub fn builder(store: SharedSessionStore, cookie: CookiePolicy) -> SessionsBuilder {
        SessionsBuilder::new(store, cookie)
    }

    /// How often a use of a session is written down at most.
    pub fn touch_every(&self) -> Duration {
        self.touch_every
    }

    /// The id that a request shows, good or not; `None` without a well-formed one, and where two
    /// cookies have the name.
    pub fn read(&self, headers: &HeaderMap) -> Option<SessionId> {
        match &self.kept {
            Kept::Own(_) => SessionId::parse(self.cookie.read(headers)?),
            #[cfg(feature = "redis")]
            Kept::Express(shared) => shared.read(headers),
        }
    }

    /// The session that a request shows, if it is good.
    ///
    /// # Cancel safety
    ///
    /// Dropped early, at most a use is not written down.
    pub async fn load(&self, headers: &HeaderMap) -> Result<Option<Session>, SessionError> {
        match self.read(headers) {
            Some(id) => self.load_id(&id).await,
            None => Ok(None),
        }
    }

    /// The session with this id, if it is good.
    pub async fn load_id(&self, id: &SessionId) -> Result<Option<Session>, SessionError> {
        let found = match &self.kept {
            Kept::Own(store) => self.load_own(&**store, id).await?,
            #[cfg(feature = "redis")]
            Kept::Express(shared) => shared.load(id).await?,
        };
        match found {
            Some(session) => self.with_roles(session).await,
            None => Ok(None),
        }
    }

    /// `session` with what its user may do now; `None` if there is no such user any more.
    async fn with_roles(&self, session: Session) -> Result<Option<Session>, SessionError> {
        let Some(roles) = &self.roles else {
            return Ok(Some(session));
        };
        let Some(roles) = roles.roles_of(session.user()).await? else {
            return Ok(None);
        };
        check_roles(&roles)?;
        Ok(Some(session.with_roles(roles)))
    }

    async fn load_own(
        &self,
        store: &dyn SessionStore,
        id: &SessionId,
    ) -> Result<Option<Session>, SessionError> {
        let now = self.clock.now();
        let Some(mut record) = store.find(id.key(), now).await? else {
            return Ok(None);
        };
        if now.since(record.last_used_at) >= self.touch_every {
            let expires_at = self.expires_at(now, record.ends_at);
            // Not there any more: it was revoked since it was found.
            if !store.touch(id.key(), expires_at, now).await? {
                return Ok(None);
            }
            (record.last_used_at, record.expires_at) = (now, expires_at);
        }
        Ok(Some(Session::new(id.clone(), record)))
    }

    /// What stands in for a session while nobody is signed in: the one that the request shows, or
    /// a new one. Costs nothing on the server.
    pub fn pre_session(&self, headers: &HeaderMap) -> PreSession {
        PreSession::read(headers, &self.cookie, &*self.rng)
    }

    /// Signs `user` in with a new id. `old`, the id that the request shows, is dead afterwards,
    /// whosever it was: an id planted before the sign-in is worth nothing after it.
    ///
    /// Roles that are changed between your reading them and this call would stay in the session:
    /// read them again afterwards, and call [`set_roles`](Self::set_roles) if they differ. Then
    /// either you see the change, or the one who made it sees the session.
    ///
    /// `device` is what the user will know the browser by, such as its `User-Agent`: the first
    /// [`DEVICE_CHARS_MAX`](super::DEVICE_CHARS_MAX) characters are kept. A user with
    /// [`USER_SESSIONS_MAX`](super::USER_SESSIONS_MAX) sessions loses the one unused longest.
    ///
    /// # Errors
    ///
    /// [`SessionError::Owner`] when `user` or `roles` are out of their bounds.
    pub async fn sign_in<R: Into<String>>(
        &self,
        old: Option<&SessionId>,
        user: &str,
        roles: impl IntoIterator<Item = R>,
        device: &str,
    ) -> Result<NewSession, SessionError> {
        let roles: Vec<String> = roles.into_iter().map(Into::into).collect();
        check_user(user)?;
        check_roles(&roles)?;
        let device = tidy_device(device);
        match &self.kept {
            Kept::Own(store) => self.sign_in_own(&**store, old, user, roles, device).await,
            #[cfg(feature = "redis")]
            Kept::Express(shared) => {
                let (session, cookie) = shared.sign_in(old, user, roles, device).await?;
                Ok(self.made_with(session, cookie))
            }
        }
    }

    async fn sign_in_own(
        &self,
        store: &dyn SessionStore,
        old: Option<&SessionId>,
        user: &str,
        roles: Vec<String>,
        device: String,
    ) -> Result<NewSession, SessionError> {
        let now = self.clock.now();
        let ends_at = now.saturating_add(self.absolute);
        let record = SessionRecord {
            public_id: self.ids.make(),
            user: user.to_owned(),
            roles,
            device,
            data: "null".to_owned(),
            created_at: now,
            last_used_at: now,
            expires_at: self.expires_at(now, ends_at),
            ends_at,
        };
        let id = SessionId::new(&*self.rng);
        let old = old.map(SessionId::key);
        store.insert(old, id.key(), &record, now).await?;
        Ok(self.made(id, record))
    }

    /// Gives the session a new id and ends the old one; for every change of what the user may do
    /// in it (a second factor, a new password). User, data, list and ends stay. `None` if the
    /// session is not there any more.
    pub async fn rotate(&self, id: &SessionId) -> Result<Option<NewSession>, SessionError> {
        match &self.kept {
            Kept::Own(store) => {
                let new = SessionId::new(&*self.rng);
                let moved = store.rename(id.key(), new.key(), self.clock.now()).await?;
                Ok(moved.map(|record| self.made(new, record)))
            }
            #[cfg(feature = "redis")]
            Kept::Express(shared) => {
                let Some((session, cookie)) = shared.rotate(id).await? else {
                    return Ok(None);
                };
                let session = self.with_roles(session).await?;
                Ok(session.map(|session| self.made_with(session, cookie)))
            }
        }
    }

    /// Keeps `data` with the session, as JSON, instead of what was there; whether the session is
    /// still there.
    ///
    /// # Errors
    ///
    /// [`SessionError::DataTooLarge`] beyond
    /// [`data_bytes_max`](SessionsBuilder::data_bytes_max), [`SessionError::Data`] for what is no
    /// JSON.
    pub async fn set_data(
        &self,
        id: &SessionId,
        data: &(impl Serialize + Sync),
    ) -> Result<bool, SessionError> {
        let json = serde_json::to_string(data).map_err(SessionError::Data)?;
        if json.len() > self.data_bytes_max {
            return Err(SessionError::DataTooLarge {
                bytes: json.len(),
                bytes_max: self.data_bytes_max,
            });
        }
        match &self.kept {
            Kept::Own(store) => store.set_data(id.key(), &json, self.clock.now()).await,
            #[cfg(feature = "redis")]
            Kept::Express(shared) => shared.set_data(id, &json).await,
        }
    }

    /// Ends the session. Returns the `Set-Cookie` header that takes the cookie away; whoever kept
    /// the cookie is signed out all the same.
    pub async fn sign_out(&self, id: &SessionId) -> Result<HeaderValue, SessionError> {
        match &self.kept {
            Kept::Own(store) => {
                store.remove(id.key()).await?;
                Ok(self.cookie.clear())
            }
            #[cfg(feature = "redis")]
            Kept::Express(shared) => shared.sign_out(id).await,
        }
    }

    /// The sessions of `user`, the one used last first; at most
    /// [`USER_SESSIONS_MAX`](super::USER_SESSIONS_MAX). No id of a cookie is among it.
    pub async fn list(&self, user: &str) -> Result<Vec<SessionRecord>, SessionError> {
        match &self.kept {
            Kept::Own(store) => store.list(user, self.clock.now()).await,
            #[cfg(feature = "redis")]
            Kept::Express(shared) => shared.list(user).await,
        }
    }

    /// Ends one session of `user`, as the list shows it.
    ///
    /// # Errors
    ///
    /// [`SessionError::NotFound`] if the user has no such session, though a stranger may.
    pub async fn revoke(&self, user: &str, public_id: Uuid) -> Result<(), SessionError> {
        let was_there = match &self.kept {
            Kept::Own(store) => store.remove_listed(user, public_id, self.clock.now()).await,
            #[cfg(feature = "redis")]
            Kept::Express(shared) => shared.revoke(user, public_id).await,
        };
        was_there?.then_some(()).ok_or(SessionError::NotFound)
    }

    /// Ends all sessions of `user`, but for `except`; how many there were.
    pub async fn revoke_all(&self, user: &str, except: Option<Uuid>) -> Result<u64, SessionError> {
        match &self.kept {
            Kept::Own(store) => store.remove_all(user, except, self.clock.now()).await,
            #[cfg(feature = "redis")]
            Kept::Express(shared) => shared.revoke_all(user, except).await,
        }
    }

    /// Gives all sessions of `user` these roles, from their next load on; how many there are. Those
    /// shared with Express hold no roles: nothing is done, and 0 returned.
    ///
    /// # Errors
    ///
    /// [`SessionError::Owner`] when `roles` are out of their bounds.
    pub async fn set_roles<R: Into<String>>(
        &self,
        user: &str,
        roles: impl IntoIterator<Item = R>,
    ) -> Result<u64, SessionError> {
        let roles: Vec<String> = roles.into_iter().map(Into::into).collect();
        check_roles(&roles)?;
        match &self.kept {
            Kept::Own(store) => store.set_roles(user, &roles, self.clock.now()).await,
            #[cfg(feature = "redis")]
            Kept::Express(_) => Ok(0),
        }
    }

    fn expires_at(&self, now: Timestamp, ends_at: Timestamp) -> Timestamp {
        now.saturating_add(self.idle).min(ends_at)
    }

    fn made(&self, id: SessionId, record: SessionRecord) -> NewSession {
        let cookie = self.cookie.set(&id.reveal());
        self.made_with(Session::new(id, record), cookie)
    }

    fn made_with(&self, session: Session, cookie: HeaderValue) -> NewSession {
        NewSession {
            session,
            cookie,
            clear_pre_session: self.cookie.before_sign_in().clear(),
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("cookie", &self.cookie)
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .field("touch_every", &self.touch_every)
            .finish_non_exhaustive()
    }
}

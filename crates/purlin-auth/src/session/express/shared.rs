//! Sessions of Express behind the same [`Sessions`] as our own, so that guards and pages need not
//! know whose they are.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};
use purlin_base::{Timestamp, id::IdMaker};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ExpressSessions, ids::Found};
use crate::session::{
    CookiePolicy, RolesOfUser, Session, SessionError, SessionId, SessionOptionError, SessionRecord,
    Sessions, USER_SESSIONS_MAX,
    record::{check_user, tidy_device},
    sessions::Kept,
};

/// How many steps of about 100 keys a walk for one page goes: whoever asks for a page again and again
/// must not keep Redis busy.
const PAGE_STEPS_MAX: usize = 100;

/// The field that holds what Express has no place for.
const OURS: &str = "purlin";

impl Sessions {
    /// The sessions of an Express application, which `express` reads and writes. They hold no
    /// roles: `roles` says with each load what their user may do now. `cookie` is for what stands
    /// in for a session before the sign-in.
    ///
    /// Express keeps no list of a user's sessions: [`list`](Self::list), [`revoke`](Self::revoke)
    /// and [`revoke_all`](Self::revoke_all) walk over the keys of the database, in steps of about
    /// 100, and find what is there from the beginning of the walk to its end. The first two end
    /// after 100 steps, and may miss sessions where there are more than 10 000 keys; the last goes
    /// to the end. A session ends when it
    /// has not been used for as long as Express says, however old it is, and nobody counts how many
    /// a user has.
    ///
    /// # Errors
    ///
    /// [`SessionOptionError`] when `cookie` is out of its bounds.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use purlin_auth::session::{CookiePolicy, ExpressSessions, RolesOfUser, Sessions};
    ///
    /// async fn run(roles: Arc<dyn RolesOfUser>) -> Result<(), Box<dyn std::error::Error>> {
    ///     let express = ExpressSessions::builder(["the secret that Express has as well"]);
    ///     let express = express.open("redis://127.0.0.1")?;
    ///     let cookie = CookiePolicy::for_public_url("http://localhost:3000")?;
    ///     let sessions = Sessions::of_express(express, roles, cookie)?;
    /// #   drop(sessions);
    ///     Ok(())
    /// }
    /// ```
    pub fn of_express(
        express: ExpressSessions,
        roles: Arc<dyn RolesOfUser>,
        cookie: CookiePolicy,
    ) -> Result<Self, SessionOptionError> {
        cookie.check()?;
        let (clock, rng) = (Arc::clone(&express.clock), Arc::clone(&express.rng));
        let idle = express.max_age.unwrap_or(super::value::LIFE_DEFAULT);
        Ok(Self {
            kept: Kept::Express(SharedWithExpress(express)),
            roles: Some(roles),
            cookie,
            idle,
            absolute: Duration::MAX,
            touch_every: idle / 30,
            data_bytes_max: 4096,
            ids: IdMaker::new(Arc::clone(&clock), Arc::clone(&rng)),
            clock,
            rng,
        })
    }
}

/// What [`Sessions`] asks of sessions of Express.
pub(in crate::session) struct SharedWithExpress(ExpressSessions);

impl SharedWithExpress {
    pub(in crate::session) fn read(&self, headers: &HeaderMap) -> Option<SessionId> {
        let id = self.0.shown(headers)?;
        Some(SessionId::express(&id))
    }

    /// The session without its roles.
    pub(in crate::session) async fn load(
        &self,
        id: &SessionId,
    ) -> Result<Option<Session>, SessionError> {
        let Some(found) = self.0.use_id(&id.reveal()).await? else {
            return Ok(None);
        };
        let user = found.session.user_text();
        let user = user.filter(|user| check_user(user).is_ok());
        Ok(user.map(|user| self.session(&found, user, Vec::new())))
    }

    pub(in crate::session) async fn sign_in(
        &self,
        old: Option<&SessionId>,
        user: &str,
        roles: Vec<String>,
        device: String,
    ) -> Result<(Session, HeaderValue), SessionError> {
        let mut session = self.0.begin(user.into());
        let created_at = self.0.clock.now();
        session.set(OURS, json!({"device": device, "created_at": created_at}));
        let old = old.map(SessionId::reveal);
        let cookie = self.0.put(old.as_deref(), &session).await?;
        let found = whole(session);
        Ok((self.session(&found, user.to_owned(), roles), cookie))
    }

    pub(in crate::session) async fn rotate(
        &self,
        id: &SessionId,
    ) -> Result<Option<(Session, HeaderValue)>, SessionError> {
        let Some(new) = self.0.rename(&id.reveal()).await? else {
            return Ok(None);
        };
        let cookie = self.0.set_cookie(&new);
        let session = self.load(&SessionId::express(&new)).await?;
        Ok(session.map(|session| (session, cookie)))
    }

    pub(in crate::session) async fn set_data(
        &self,
        id: &SessionId,
        json: &str,
    ) -> Result<bool, SessionError> {
        let Some(Found { mut session, .. }) = self.0.use_id(&id.reveal()).await? else {
            return Ok(false);
        };
        let mut ours = session.get(OURS).cloned().unwrap_or_default();
        if !ours.is_object() {
            ours = json!({});
        }
        ours["data"] = serde_json::from_str(json).map_err(SessionError::Data)?;
        session.set(OURS, ours);
        self.0.save(&session).await
    }

    pub(in crate::session) async fn sign_out(
        &self,
        id: &SessionId,
    ) -> Result<HeaderValue, SessionError> {
        self.0.end(&id.reveal()).await?;
        Ok(self.0.clear_cookie())
    }

    /// The one used last first.
    pub(in crate::session) async fn list(
        &self,
        user: &str,
    ) -> Result<Vec<SessionRecord>, SessionError> {
        let found = self.0.of_user(user, PAGE_STEPS_MAX).await?;
        let record = |found: &Found| {
            let session = self.session(found, user.to_owned(), Vec::new());
            session.record().clone()
        };
        let mut records: Vec<_> = found.iter().map(record).collect();
        records.sort_by_key(|record| std::cmp::Reverse((record.last_used_at, record.public_id)));
        records.truncate(USER_SESSIONS_MAX);
        Ok(records)
    }

    /// Whether it was there.
    pub(in crate::session) async fn revoke(
        &self,
        user: &str,
        public_id: Uuid,
    ) -> Result<bool, SessionError> {
        let found = self.0.of_user(user, PAGE_STEPS_MAX).await?;
        let mut named = found.iter().map(|found| found.session.id());
        match named.find(|id| SessionId::express(id).public_id() == public_id) {
            Some(id) => self.0.end(id).await,
            None => Ok(false),
        }
    }

    /// How many there were.
    pub(in crate::session) async fn revoke_all(
        &self,
        user: &str,
        except: Option<Uuid>,
    ) -> Result<u64, SessionError> {
        let mut ended = 0;
        for found in self.0.of_user(user, usize::MAX).await? {
            let id = found.session.id();
            if Some(SessionId::express(id).public_id()) != except {
                ended += u64::from(self.0.end(id).await?);
            }
        }
        Ok(ended)
    }

    /// The session as all see it. What Express does not say is the nearest that is known.
    fn session(&self, found: &Found, user: String, roles: Vec<String>) -> Session {
        let (now, id) = (self.0.clock.now(), SessionId::express(found.session.id()));
        let ours = found.session.get(OURS).unwrap_or(&Value::Null);
        let since = ours["created_at"].as_str().and_then(|it| it.parse().ok());
        let since = since.or_else(|| found.session.written_at());
        let left = u64::try_from(found.left_ms).ok().map(Duration::from_millis);
        let life = Duration::from_secs(found.session.life_seconds());
        let unused = left.map_or(Duration::ZERO, |left| life.saturating_sub(left));
        let record = SessionRecord {
            public_id: id.public_id(),
            user,
            roles,
            device: tidy_device(ours["device"].as_str().unwrap_or_default()),
            data: ours["data"].to_string(),
            created_at: since.unwrap_or_default(),
            last_used_at: now.saturating_sub(unused),
            expires_at: left.map_or(END_OF_TIME, |left| now.saturating_add(left)),
            ends_at: END_OF_TIME,
        };
        Session::new(id, record)
    }
}

const END_OF_TIME: Timestamp = Timestamp::from_unix_micros(i64::MAX);

/// One that was just written: all of its life is left.
fn whole(session: super::ExpressSession) -> Found {
    let left_ms = i64::try_from(session.life_seconds() * 1000).unwrap_or(i64::MAX);
    Found { session, left_ms }
}

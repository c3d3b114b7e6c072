//! Sessions shared with an Express application: express-session with connect-redis.
//!
//! The layout is Express's own, so that either side reads what the other wrote:
//!
//! - Ids are *not* hashed at rest: whoever reads the Redis can sign in. Express keeps them so.
//! - The server's time to live says when a session ends, as it does for connect-redis, which
//!   prolongs by `EXPIRE` and leaves `cookie.expires` in the value as it was. There is no end
//!   however much a session is used, and no list of a user's sessions: Express has neither.
//! - Of two cookies of the name Express takes the first; here neither is taken.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderValue};
use purlin_base::{random::SharedRng, time::SharedClock};
use redis::aio::ConnectionManager;
use serde_json::Value;

use super::{SessionError, redis::unavailable};

mod builder;
mod ids;
mod shared;
mod signed;
mod value;

pub use builder::ExpressSessionsBuilder;
pub(super) use shared::SharedWithExpress;
use signed::Secrets;
pub use value::ExpressSession;

/// How large a session of Express may be to be taken: 64 KiB of JSON.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// Sessions shared with an Express application through one Redis.
///
/// # Errors
///
/// Every method that asks Redis fails with [`SessionError::Unavailable`].
///
/// # Source
///
/// express-session 1.19, connect-redis 9, cookie-signature 1.0; sign-in and sign-out as passport's
/// `req.login` and `req.logout`. Tested against them.
///
/// # Examples
///
/// ```no_run
/// # async fn run(request: http::HeaderMap) -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::session::ExpressSessions;
///
/// let secrets = ["the secret that Express has as well"];
/// let sessions = ExpressSessions::builder(secrets).connect("redis://127.0.0.1").await?;
/// if let Some(session) = sessions.load(&request).await? {
///     println!("{:?} is signed in", session.user());
/// }
/// # Ok(()) }
/// ```
pub struct ExpressSessions {
    connection: ConnectionManager,
    secrets: Secrets,
    prefix: String,
    cookie_name: String,
    secure: bool,
    max_age: Option<Duration>,
    ends_with_browser: bool,
    clock: SharedClock,
    rng: SharedRng,
}

impl ExpressSessions {
    /// Begins sessions whose cookies are signed with the first of `secrets`; a signature by any of
    /// them is taken.
    pub fn builder<S: Into<String>>(
        secrets: impl IntoIterator<Item = S>,
    ) -> ExpressSessionsBuilder {
        ExpressSessionsBuilder::new(secrets.into_iter().map(Into::into).collect())
    }

    /// The session that a request shows, if its cookie is signed and the session is there. It may
    /// be nobody's: see [`ExpressSession::user`]. Its life is prolonged, as Express does.
    pub async fn load(&self, headers: &HeaderMap) -> Result<Option<ExpressSession>, SessionError> {
        let Some(id) = self.shown(headers) else {
            return Ok(None);
        };
        let found = self.use_id(&id).await?;
        Ok(found.map(|found| found.session))
    }

    /// Signs `user` in (what passport's `serializeUser` gives) with a new session, and ends the one
    /// that the request shows. Nothing is carried over. Returns the session and the `Set-Cookie`
    /// header that must go out.
    pub async fn sign_in(
        &self,
        headers: &HeaderMap,
        user: impl Into<Value>,
    ) -> Result<(ExpressSession, HeaderValue), SessionError> {
        let session = self.begin(user.into());
        let cookie = self.put(self.shown(headers).as_deref(), &session).await?;
        Ok((session, cookie))
    }

    /// Writes the session as it is now, with the fields that only Express knows; whether it was
    /// still there. One that was ended meanwhile is not brought back.
    pub async fn save(&self, session: &ExpressSession) -> Result<bool, SessionError> {
        let mut write = redis::cmd("SET");
        write.arg(self.key(session.id())).arg(session.json());
        write.arg("XX").arg("EX").arg(session.life_seconds());
        let written = write.query_async(&mut self.connection.clone()).await;
        let written: Option<String> = written.map_err(unavailable)?;
        Ok(written.is_some())
    }

    /// Ends the session that the request shows, for Express too. Returns the `Set-Cookie` header
    /// that takes the cookie away.
    pub async fn sign_out(&self, headers: &HeaderMap) -> Result<HeaderValue, SessionError> {
        if let Some(id) = self.shown(headers) {
            self.end(&id).await?;
        }
        Ok(self.clear_cookie())
    }

    fn set_cookie(&self, id: &str) -> HeaderValue {
        let value = self.secrets.seal(id);
        let max_age = self.max_age.filter(|_| !self.ends_with_browser);
        let life = max_age.map(|life| format!("; Max-Age={}", life.as_secs()));
        self.write_cookie(&value, &life.unwrap_or_default())
    }

    fn clear_cookie(&self) -> HeaderValue {
        self.write_cookie("", "; Max-Age=0")
    }

    fn write_cookie(&self, value: &str, life: &str) -> HeaderValue {
        let (name, secure) = (&self.cookie_name, if self.secure { "; Secure" } else { "" });
        super::cookie::sensitive(&format!(
            "{name}={value}; Path=/{life}; HttpOnly{secure}; SameSite=Lax"
        ))
    }
}

impl fmt::Debug for ExpressSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExpressSessions")
            .field("prefix", &self.prefix)
            .field("cookie_name", &self.cookie_name)
            .field("secure", &self.secure)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

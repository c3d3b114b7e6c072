//! What can be set about sessions shared with Express.

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{
    random::{OsRng, Rng, SharedRng},
    time::{Clock, SharedClock, SystemClock},
};
use redis::aio::ConnectionManager;

use super::{ExpressSessions, signed::Secrets};
use crate::session::{
    SessionError, SessionOptionError,
    redis::{connect, open},
};

/// What can be set about [`ExpressSessions`], each with Express's own default.
pub struct ExpressSessionsBuilder {
    secrets: Vec<String>,
    prefix: String,
    cookie_name: String,
    secure: bool,
    max_age: Option<Duration>,
    ends_with_browser: bool,
    clock: SharedClock,
    rng: SharedRng,
}

impl ExpressSessionsBuilder {
    pub(super) fn new(secrets: Vec<String>) -> Self {
        Self {
            secrets,
            prefix: "sess:".to_owned(),
            cookie_name: "connect.sid".to_owned(),
            secure: false,
            max_age: None,
            ends_with_browser: false,
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        }
    }

    /// What keys begin with. Default: `sess:`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Default: `connect.sid`.
    #[must_use]
    pub fn cookie_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.cookie_name);
        self
    }

    /// Whether cookies are marked `Secure`. Default: no; where the site has TLS, say yes.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// `cookie.maxAge` of sessions that begin here: 1 second to 400 days. Default: none, which is
    /// a day in Redis and until the browser closes.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Whether the browser forgets the cookie when it closes, whatever [`max_age`](Self::max_age)
    /// says: that is then the time unused after which the session ends. Without it the browser
    /// forgets the cookie `max_age` after the sign-in, however much it is used, as with Express's
    /// `rolling: false`. Default: no.
    #[must_use]
    pub fn ends_with_browser(mut self, ends_with_browser: bool) -> Self {
        self.ends_with_browser = ends_with_browser;
        self
    }

    /// Where time comes from. Default: the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where ids come from. Default: the operating system. Anything else only in tests.
    #[must_use]
    pub fn rng(mut self, rng: impl Rng) -> Self {
        self.rng = Arc::new(rng);
        self
    }

    /// Checks every option, then connects to the Redis at `url`.
    ///
    /// # Errors
    ///
    /// [`SessionError::Option`] names the option that is out of its bounds;
    /// [`SessionError::Unavailable`] when the address is no good or nobody answers.
    pub async fn connect(self, url: &str) -> Result<ExpressSessions, SessionError> {
        self.check()?;
        Ok(self.with(connect(url).await?))
    }

    /// Checks every option. It connects to the Redis at `url` when it is first asked, so a program
    /// can start while that is away.
    ///
    /// # Errors
    ///
    /// [`SessionError::Option`] names the option that is out of its bounds;
    /// [`SessionError::Unavailable`] when the address is no good.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn open(self, url: &str) -> Result<ExpressSessions, SessionError> {
        self.check()?;
        Ok(self.with(open(url)?))
    }

    /// Checks every option, and uses a connection that is there.
    ///
    /// # Errors
    ///
    /// [`SessionOptionError`] names the option that is out of its bounds.
    pub fn build(
        self,
        connection: ConnectionManager,
    ) -> Result<ExpressSessions, SessionOptionError> {
        self.check()?;
        Ok(self.with(connection))
    }

    fn check(&self) -> Result<(), SessionOptionError> {
        let refused = |option, expected| Err(SessionOptionError { option, expected });
        let secrets = &self.secrets;
        if !(1..=8).contains(&secrets.len()) || secrets.iter().any(|secret| secret.len() < 16) {
            return refused("secrets", "1 to 8, each of 16 bytes or more");
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.cookie_name.is_empty() || !self.cookie_name.chars().all(is_plain) {
            return refused("cookie_name", "letters, digits, `-`, `_` or `.`");
        }
        let ages = Duration::from_secs(1)..=Duration::from_secs(400 * 86_400);
        if self.max_age.is_some_and(|age| !ages.contains(&age)) {
            return refused("max_age", "1 second to 400 days");
        }
        Ok(())
    }

    fn with(self, connection: ConnectionManager) -> ExpressSessions {
        ExpressSessions {
            connection,
            secrets: Secrets(self.secrets),
            prefix: self.prefix,
            cookie_name: self.cookie_name,
            secure: self.secure,
            max_age: self.max_age,
            ends_with_browser: self.ends_with_browser,
            clock: self.clock,
            rng: self.rng,
        }
    }
}

impl fmt::Debug for ExpressSessionsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExpressSessionsBuilder")
            .field("prefix", &self.prefix)
            .field("cookie_name", &self.cookie_name)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

//! What can be set about sessions.

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{
    id::IdMaker,
    random::{OsRng, Rng, SharedRng},
    time::{Clock, SharedClock, SystemClock},
};

use super::{
    CookiePolicy, RolesOfUser, SessionOptionError, Sessions, SharedSessionStore, sessions::Kept,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What can be set about [`Sessions`], each with its default and bounds.
pub struct SessionsBuilder {
    store: SharedSessionStore,
    cookie: CookiePolicy,
    idle: Duration,
    absolute: Duration,
    data_bytes_max: usize,
    roles: Option<Arc<dyn RolesOfUser>>,
    clock: SharedClock,
    rng: SharedRng,
}

impl SessionsBuilder {
    pub(super) fn new(store: SharedSessionStore, cookie: CookiePolicy) -> Self {
        Self {
            store,
            cookie,
            idle: 30 * MINUTE,
            absolute: DAY / 2,
            data_bytes_max: 4096,
            roles: None,
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        }
    }

    /// How long a session lives unused: 1 second to 30 days. Default: 30 minutes.
    #[must_use]
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// How long a session lives however much it is used: from `idle` to 400 days. Default: 12 h.
    #[must_use]
    pub fn absolute(mut self, absolute: Duration) -> Self {
        self.absolute = absolute;
        self
    }

    /// How much data of the application's own a session may hold, as JSON: up to 8192 bytes.
    /// Default: 4096.
    #[must_use]
    pub fn data_bytes_max(mut self, bytes: usize) -> Self {
        self.data_bytes_max = bytes;
        self
    }

    /// Asks with each load what the user may do now, in place of what the session was given: for
    /// stores that cannot change with the user in one transaction. Default: the session keeps it.
    #[must_use]
    pub fn roles_of(mut self, roles: Arc<dyn RolesOfUser>) -> Self {
        self.roles = Some(roles);
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

    /// Checks every option.
    ///
    /// # Errors
    ///
    /// [`SessionOptionError`] names the option that is out of its bounds.
    pub fn build(self) -> Result<Sessions, SessionOptionError> {
        let refused = |option, expected| Err(SessionOptionError { option, expected });
        if !(SECOND..=30 * DAY).contains(&self.idle) {
            return refused("idle", "1 second to 30 days");
        }
        if !(self.idle..=400 * DAY).contains(&self.absolute) {
            return refused("absolute", "from `idle` to 400 days");
        }
        if self.data_bytes_max > 8192 {
            return refused("data_bytes_max", "up to 8192");
        }
        self.cookie.check()?;
        Ok(Sessions {
            cookie: self.cookie,
            ids: IdMaker::new(self.clock.clone(), self.rng.clone()),
            touch_every: MINUTE.min(self.idle / 30),
            kept: Kept::Own(self.store),
            roles: self.roles,
            idle: self.idle,
            absolute: self.absolute,
            data_bytes_max: self.data_bytes_max,
            clock: self.clock,
            rng: self.rng,
        })
    }
}

impl fmt::Debug for SessionsBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionsBuilder")
            .field("cookie", &self.cookie)
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .field("data_bytes_max", &self.data_bytes_max)
            .finish_non_exhaustive()
    }
}

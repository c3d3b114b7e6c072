//! What an application sets of its identity.

use std::{fmt, time::Duration};

use purlin_base::{Classified, ErrorClass};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What an application sets of its identity; handed in by [`App::input`](crate::App::input).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use purlin::auth::AuthConfig;
///
/// let config = AuthConfig::builder("https://shop.example", b"0123456789abcdef0123456789abcdef")
///     .access_ttl(Duration::from_secs(300))
///     .build()?;
/// assert!(config.is_secure());
/// # Ok::<(), purlin::auth::AuthConfigError>(())
/// ```
#[derive(Clone)]
pub struct AuthConfig {
    issuer: String,
    audience: String,
    secret: Vec<u8>,
    access_ttl: Duration,
    refresh_ttl: Duration,
    refresh_grace: Duration,
    session_idle: Duration,
    session_absolute: Duration,
    sessions_in: SessionsIn,
}

/// Where the sessions of browsers are kept.
///
/// Those that are not in the database ask for the roles of their user with each load:
/// [`Identity::roles_of`](super::Identity::roles_of).
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum SessionsIn {
    /// In the database of identity.
    #[default]
    Database,
    /// In the Redis at `url`, which may be away at the start.
    #[cfg(feature = "redis")]
    Redis {
        /// `redis://host:6379/0`.
        url: String,
    },
    /// In the Redis at `url` in the form of express-session with connect-redis, so that an Express
    /// application on it shares sign-ins. Sessions have no longest life there.
    #[cfg(feature = "redis")]
    Express {
        /// `redis://host:6379/0`.
        url: String,
        /// What cookies are signed with, as Express has it; the first signs, each verifies.
        secrets: Vec<String>,
    },
}

impl SessionsIn {
    /// `database`, `redis` or `express`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Database => "database",
            #[cfg(feature = "redis")]
            Self::Redis { .. } => "redis",
            #[cfg(feature = "redis")]
            Self::Express { .. } => "express",
        }
    }
}

/// Says no address, which may hold a password, and no secret.
impl fmt::Debug for SessionsIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Makes an [`AuthConfig`].
#[derive(Clone, Debug)]
#[must_use = "call `build`"]
pub struct AuthConfigBuilder(AuthConfig);

impl AuthConfig {
    /// The fewest bytes of the secret.
    pub const SECRET_BYTES_MIN: usize = 32;

    /// Begins the settings of an application that callers find at `issuer`, an address such as
    /// `https://shop.example`; keys are derived from `secret`, of at least 32 random bytes, which
    /// all processes share.
    pub fn builder(issuer: impl Into<String>, secret: impl Into<Vec<u8>>) -> AuthConfigBuilder {
        let issuer = issuer.into();
        AuthConfigBuilder(Self {
            audience: issuer.clone(),
            issuer,
            secret: secret.into(),
            access_ttl: 15 * MINUTE,
            refresh_ttl: 30 * DAY,
            refresh_grace: Duration::from_secs(10),
            session_idle: 30 * MINUTE,
            session_absolute: DAY / 2,
            sessions_in: SessionsIn::default(),
        })
    }

    /// Who issues tokens: their `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// For whom tokens are: their `aud`.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// What keys are derived from.
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// How long an access token is good.
    pub fn access_ttl(&self) -> Duration {
        self.access_ttl
    }

    /// How long a refresh token is good.
    pub fn refresh_ttl(&self) -> Duration {
        self.refresh_ttl
    }

    /// How long a spent refresh token gives the same successor again.
    pub fn refresh_grace(&self) -> Duration {
        self.refresh_grace
    }

    /// How long a session lives without being used.
    pub fn session_idle(&self) -> Duration {
        self.session_idle
    }

    /// How long a session lives.
    pub fn session_absolute(&self) -> Duration {
        self.session_absolute
    }

    /// Where sessions are kept.
    pub fn sessions_in(&self) -> &SessionsIn {
        &self.sessions_in
    }

    /// Whether callers come by TLS: cookies are then `Secure`, and `__Host-` where they can be.
    pub fn is_secure(&self) -> bool {
        let scheme = self.issuer.get(..8);
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    }
}

impl AuthConfigBuilder {
    /// For whom tokens are: their `aud`. Default: the issuer.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.0.audience = audience.into();
        self
    }

    /// How long an access token is good, 1 s to 1 day. Default: 15 min.
    pub fn access_ttl(mut self, ttl: Duration) -> Self {
        self.0.access_ttl = ttl;
        self
    }

    /// How long a refresh token is good, from the life of an access token to 400 days. Default:
    /// 30 days.
    pub fn refresh_ttl(mut self, ttl: Duration) -> Self {
        self.0.refresh_ttl = ttl;
        self
    }

    /// How long a spent refresh token gives the same successor again, to 60 s; zero: never.
    /// Default: 10 s.
    pub fn refresh_grace(mut self, grace: Duration) -> Self {
        self.0.refresh_grace = grace;
        self
    }

    /// How long a session lives without being used, 1 s to its whole life. Default: 30 min.
    pub fn session_idle(mut self, idle: Duration) -> Self {
        self.0.session_idle = idle;
        self
    }

    /// How long a session lives, 1 s to 400 days. Default: 12 h.
    pub fn session_absolute(mut self, absolute: Duration) -> Self {
        self.0.session_absolute = absolute;
        self
    }

    /// Where sessions are kept. Default: in the database.
    pub fn sessions_in(mut self, sessions_in: SessionsIn) -> Self {
        self.0.sessions_in = sessions_in;
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// [`AuthConfigError`], for the first that is out of its bounds.
    pub fn build(self) -> Result<AuthConfig, AuthConfigError> {
        let Self(config) = self;
        let second = Duration::from_secs(1);
        let long = 400 * DAY;
        let within =
            |time: Duration, least: Duration, most: Duration| (least..=most).contains(&time);
        let rules = [
            ("issuer", !config.issuer.is_empty(), "an address"),
            ("audience", !config.audience.is_empty(), "a name"),
            (
                "secret",
                config.secret.len() >= AuthConfig::SECRET_BYTES_MIN,
                "32 bytes or more",
            ),
            (
                "access_ttl",
                within(config.access_ttl, second, DAY),
                "1 s to 1 day",
            ),
            (
                "refresh_ttl",
                within(config.refresh_ttl, config.access_ttl, long),
                "the life of an access token to 400 days",
            ),
            (
                "refresh_grace",
                config.refresh_grace <= MINUTE,
                "60 s or less",
            ),
            (
                "session_absolute",
                within(config.session_absolute, second, long),
                "1 s to 400 days",
            ),
            (
                "session_idle",
                within(config.session_idle, second, config.session_absolute),
                "1 s to the whole life of a session",
            ),
        ];
        match rules.iter().find(|(_, is_good, _)| !is_good) {
            Some(&(option, _, expected)) => Err(AuthConfigError { option, expected }),
            None => Ok(config),
        }
    }
}

/// Says no secret.
impl fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthConfig")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("access_ttl", &self.access_ttl)
            .field("refresh_ttl", &self.refresh_ttl)
            .field("refresh_grace", &self.refresh_grace)
            .field("session_idle", &self.session_idle)
            .field("session_absolute", &self.session_absolute)
            .field("sessions_in", &self.sessions_in)
            .finish_non_exhaustive()
    }
}

/// A setting of identity is out of its bounds: change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the setting `{option}` of identity must be {expected}")]
pub struct AuthConfigError {
    /// Which.
    pub option: &'static str,
    /// What it may be.
    pub expected: &'static str,
}

impl Classified for AuthConfigError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "AUTH_CONFIG"
    }
}

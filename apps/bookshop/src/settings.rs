//! Every setting of the bookshop.
//!
//! The settings of parts that are still to come are checked too, so that a file that is right
//! today is right tomorrow.

mod address;
mod network;

pub use network::Network;

use std::{net::IpAddr, path::PathBuf, time::Duration};

use purlin::core::config::{Config, Problems, Secret, Setting};

/// The file that is read if it is there and no other is named.
pub const FILE: &str = "bookshop.toml";

/// The fewest bytes of [`Settings::app_secret`].
pub const APP_SECRET_BYTES_MIN: usize = 32;

/// The fewest bytes of each of [`Settings::session_secrets`], and the most there may be.
pub const SESSION_SECRET_BYTES_MIN: usize = 16;
const SESSION_SECRETS_MAX: usize = 8;

/// Where the program runs, and so how strict it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Setting)]
pub enum Environment {
    /// On somebody's desk: secrets are made up at the first start.
    Development,
    /// In a test: as in development.
    Test,
    /// For others: every secret must be given.
    Production,
}

/// A switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Setting)]
pub enum Switch {
    /// It is done.
    On,
    /// It is left out.
    Off,
}

/// In what form sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Setting)]
pub enum SessionFormat {
    /// In that of the bookshop.
    Own,
    /// In that of express-session with connect-redis, so that an Express application shares
    /// sign-ins.
    Express,
}

/// Every setting, from defaults, a file, the environment and flags; later wins.
#[derive(Clone, Debug, Config)]
#[config(check = together)]
pub struct Settings {
    /// The address to listen on.
    #[config(default = "127.0.0.1")]
    pub host: IpAddr,
    /// The port to listen on; 0 is any free one.
    #[config(default = 3000)]
    pub port: u16,
    /// The port for operators, on this machine's loopback; 0 is any free one.
    #[config(default = 3001)]
    pub management_port: u16,
    /// The database: sqlite://FILE (sqlite://bookshop.db if nothing is said), sqlite::memory: or
    /// postgres://USER@HOST/NAME.
    #[config(default = "sqlite://bookshop.db", secret, check = address::database)]
    pub database_url: String,
    /// The directory for files that are not in the database.
    #[config(default = "bookshop-data")]
    pub data_dir: PathBuf,
    /// Redis, for sessions of browsers and for limits that processes share: redis://HOST.
    #[config(secret, check = address::redis)]
    pub redis_url: Option<String>,
    /// Where jobs wait. Not set: in the database.
    #[config(secret, check = address::redis)]
    pub queue_url: Option<String>,
    /// In front of every key of jobs in Redis.
    #[config(default = "bull")]
    pub queue_prefix: String,
    /// Whether `serve` works jobs too; off where `work` does.
    #[config(default = "on")]
    pub workers: Switch,
    /// What carries events. Not set: the database.
    #[config(secret, check = address::broker)]
    pub broker_url: Option<String>,
    /// Where it runs.
    #[config(default = "development")]
    pub app_env: Environment,
    /// What keys are derived from, at least 32 bytes. In development it is made at the first
    /// start and kept beside the database.
    #[config(required_if(app_env = "production"), check = long_enough)]
    pub app_secret: Option<Secret<String>>,
    /// What payments are signed with: whsec_…, several separated by spaces while they change.
    #[config(required_if(app_env = "production"), check = webhook_secrets)]
    pub webhook_secret: Option<Secret<String>>,
    /// What operators show to the management listener. Not set: it asks for nothing.
    #[config(required_if(app_env = "production"))]
    pub management_token: Option<Secret<String>>,
    /// Where the public finds the shop, if not where it listens: `https://shop.example`.
    #[config(check = address::public)]
    pub public_url: Option<String>,
    /// How long an access token is good.
    #[config(default = "15m", min = "1s")]
    pub access_ttl: Duration,
    /// How long a refresh token is good.
    #[config(default = "30d", min = "1s")]
    pub refresh_ttl: Duration,
    /// How long a spent refresh token may be shown again.
    #[config(default = "10s")]
    pub refresh_grace: Duration,
    /// How long a session lives without being used.
    #[config(default = "30m", min = "1s")]
    pub session_idle: Duration,
    /// How long a session lives at most.
    #[config(default = "12h", min = "1s")]
    pub session_absolute: Duration,
    /// In what form sessions are kept: `own`, or `express`, to share sign-ins with an Express
    /// application on the same Redis.
    #[config(default = "own")]
    pub session_format: SessionFormat,
    /// What Express signs the cookies of sessions with, at least 16 bytes: several separated by
    /// spaces while they change, the first of which signs.
    #[config(required_if(session_format = "express"), check = session_secrets)]
    pub session_secrets: Option<Secret<String>>,
    /// How long an idempotency key is remembered.
    #[config(default = "24h", min = "1s")]
    pub idempotency_ttl: Duration,
    /// How long an order may stay unpaid.
    #[config(default = "15m", min = "1s")]
    pub order_ttl: Duration,
    /// How long a worker may be silent before its job is given to another.
    #[config(default = "30s", min = "1s")]
    pub job_lease: Duration,
    /// Whose word on the caller's address is taken.
    #[config(default = "")]
    pub trusted_proxies: Vec<Network>,
    /// Whether requests are counted; off only outside of production.
    #[config(default = "on")]
    pub rate_limits: Switch,
    /// What is logged: `info`, or `warn,bookshop=debug`.
    #[config(default = "info", check = purlin::logging::check)]
    pub rust_log: String,
}

fn long_enough(secret: &Option<Secret<String>>) -> Result<(), String> {
    let long = |secret: &Secret<String>| secret.expose().len() >= APP_SECRET_BYTES_MIN;
    if secret.as_ref().is_none_or(long) {
        return Ok(());
    }
    Err(format!("must have at least {APP_SECRET_BYTES_MIN} bytes"))
}

fn session_secrets(secrets: &Option<Secret<String>>) -> Result<(), String> {
    let Some(secrets) = secrets else {
        return Ok(());
    };
    let all: Vec<&str> = secrets.expose().split_ascii_whitespace().collect();
    let long = |secret: &&str| secret.len() >= SESSION_SECRET_BYTES_MIN;
    if (1..=SESSION_SECRETS_MAX).contains(&all.len()) && all.iter().all(long) {
        return Ok(());
    }
    Err(format!(
        "expected 1 to {SESSION_SECRETS_MAX} secrets of at least {SESSION_SECRET_BYTES_MIN} bytes"
    ))
}

fn webhook_secrets(secrets: &Option<Secret<String>>) -> Result<(), String> {
    let Some(secrets) = secrets else {
        return Ok(());
    };
    let base64 = |key: &str| {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        !key.is_empty() && key.bytes().all(sign)
    };
    let good = |secret: &str| secret.strip_prefix("whsec_").is_some_and(base64);
    let mut all = secrets.expose().split_ascii_whitespace().peekable();
    if all.peek().is_some() && all.all(good) {
        return Ok(());
    }
    Err("expected `whsec_` and base64, several separated by spaces".to_owned())
}

fn together(settings: &Settings, problems: &mut Problems) {
    let is_shared = settings.session_format == SessionFormat::Express;
    if is_shared && settings.redis_url.is_none() {
        problems.add("redis_url", "must be set where session_format is express");
    }
    let open = settings.rate_limits == Switch::Off;
    if settings.app_env == Environment::Production && open {
        problems.add("rate_limits", "must be on in production");
    }
}

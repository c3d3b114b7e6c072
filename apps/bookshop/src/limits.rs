//! How often callers may ask.
//!
//! | who | what | how often |
//! | --- | --- | --- |
//! | an address and an account | sign in | 5 a minute |
//! | an address | sign in | 30 a minute |
//! | an address | open an account | 5 a minute |
//! | a user, else an address | the API, without signing in | 100 a minute |
//! | an address | ask for a link to set a password | 10 a minute |
//! | an address | follow the links of mails | 30 a minute |
//! | an account | show a code of its second factor | 20 an hour |
//! | a user | what admins do | 20 a minute |

use std::sync::Arc;

use purlin::http::{
    client_address::ClientAddress,
    limit::{
        Limit, LimitBy, LimitError, LimitKey, LimitOptionError, LimitRule, LimitStore, MemoryStore,
        Quota, RateLimits,
    },
};

use crate::settings::{Settings, Switch};

/// Bits of an IPv6 address that one caller has for himself.
const IPV6_PREFIX: u8 = 64;

/// Every limit.
pub struct Limits {
    /// Those of routes.
    pub routes: RateLimits,
    /// The one that a sign-in asks itself, since the account stands in the body.
    pub sign_in: SignInLimit,
    /// The one that a code asks itself, when it is known whose it is.
    pub code: CodeLimit,
}

/// How often somebody may try to sign in to one account from one address.
#[derive(Clone)]
pub struct SignInLimit(Limit);

/// How often codes of the second factor of one account may be shown, from wherever: whoever has
/// the password and may try as often as they like would find one.
#[derive(Clone)]
pub struct CodeLimit(Limit);

/// Why there are no limits.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LimitsError {
    /// A setting names Redis, and the program was built without it.
    #[error("redis_url: this program is built without Redis; build it with `--features redis`")]
    NotBuiltIn,
    /// The address of Redis is none.
    #[error("redis_url: {0}")]
    Redis(String),
    /// A limit is out of its bounds: a fault of the program.
    #[error(transparent)]
    Option(#[from] LimitOptionError),
}

impl Limits {
    /// The limits as `settings` have them: shared between processes where there is a Redis.
    ///
    /// # Errors
    ///
    /// [`LimitsError`].
    ///
    /// # Panics
    ///
    /// With a Redis, outside of a tokio runtime.
    pub fn of(settings: &Settings) -> Result<Self, LimitsError> {
        let store = shared(settings)?;
        let is_on = settings.rate_limits == Switch::On;
        // One table for all: each takes its memory at once.
        let memory = Arc::new(MemoryStore::new());
        let limit_of = |name: &str, quota, by| {
            let limit = Limit::builder(quota).name(name);
            let limit = limit.by(by).ipv6_prefix(IPV6_PREFIX).enabled(is_on);
            let limit = limit.memory(Arc::clone(&memory));
            match &store {
                Some(store) => limit.shared(Arc::clone(store)).build(),
                None => limit.build(),
            }
        };
        let limit = |name: &str, per_minute, by| limit_of(name, Quota::per_minute(per_minute), by);
        let sign_in = limit("sign-in", 30, LimitBy::address())?;
        let register = limit("register", 5, LimitBy::address())?;
        let api = limit("api", 100, LimitBy::user())?;
        let forgot = limit("password-forgot", 10, LimitBy::address())?;
        let links = limit("mail-links", 30, LimitBy::address())?;
        let code = limit_of("second-factor", Quota::per_hour(20), LimitBy::address())?;
        let admin = limit("admin", 20, LimitBy::user())?;
        let routes = RateLimits::new()
            .rule(LimitRule::below(["/api/auth/login", "/session"], sign_in))
            .rule(LimitRule::below(["/api/auth/register"], register))
            .rule(LimitRule::below(
                ["/api/auth/password/forgot", "/password/forgot"],
                forgot,
            ))
            .rule(LimitRule::below(
                [
                    "/api/auth/password/reset",
                    "/email/verify",
                    "/password/reset",
                ],
                links,
            ))
            .rule(LimitRule::below(["/api"], api).except("/api/auth"))
            .rule(LimitRule::below(["/admin"], admin));
        Ok(Self {
            routes: if is_on { routes } else { RateLimits::off() },
            sign_in: SignInLimit(limit("sign-in-account", 5, LimitBy::address())?),
            code: CodeLimit(code),
        })
    }
}

impl SignInLimit {
    /// Counts a try from `address` to sign in to `account`, which may be none.
    ///
    /// # Errors
    ///
    /// [`LimitError`], after too many.
    pub async fn check(&self, address: &str, account: &str) -> Result<(), LimitError> {
        // However it is written: an address and its capitals are one account.
        let account = account.trim().to_ascii_lowercase();
        let key = LimitKey::of([address, account.as_str()]);
        self.0.check(key).await.map(drop)
    }
}

impl CodeLimit {
    /// Counts a code that is shown for `account`.
    ///
    /// # Errors
    ///
    /// [`LimitError`], after too many.
    pub async fn check(&self, account: &str) -> Result<(), LimitError> {
        self.0.check(LimitKey::of([account])).await.map(drop)
    }
}

/// What an address is counted by.
pub(crate) fn network(address: &ClientAddress) -> String {
    address.key(IPV6_PREFIX)
}

#[cfg(feature = "redis")]
fn shared(settings: &Settings) -> Result<Option<Arc<dyn LimitStore>>, LimitsError> {
    use purlin::http::limit::RedisStore;
    let Some(url) = &settings.redis_url else {
        return Ok(None);
    };
    let store = RedisStore::open(url, "bookshop:limit");
    let store = store.map_err(|error| LimitsError::Redis(error.to_string()))?;
    Ok(Some(Arc::new(store)))
}

#[cfg(not(feature = "redis"))]
fn shared(settings: &Settings) -> Result<Option<Arc<dyn LimitStore>>, LimitsError> {
    match settings.redis_url {
        Some(_) => Err(LimitsError::NotBuiltIn),
        None => Ok(None),
    }
}

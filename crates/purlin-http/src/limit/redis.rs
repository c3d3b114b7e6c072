//! Counts in Redis, together with other processes.
//!
//! Each check is one script: atomic, and by the server's own clock, so that processes whose clocks
//! differ agree. A subject is kept as a hash: keys have one length, and nobody's address or API key
//! stands in the store.

use std::{fmt::Write as _, time::Duration};

use purlin_base::{BoxError, BoxFuture, Classified, ErrorClass, ErrorClasses};
use redis::{
    Client, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use sha2::{Digest, Sha256};

use super::{Algorithm, Decision, LimitStore, Quota, StoreAway, StoreKey, quota::micros};

/// Counts in Redis. Needs Redis 5 or later, one server or a cluster.
///
/// # Examples
///
/// ```
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use purlin_http::limit::{Limit, Quota, RedisStore};
///
/// let store = RedisStore::open("redis://127.0.0.1/", "shop:limit")?;
/// let api = Limit::builder(Quota::per_minute(100)).name("api").shared(Arc::new(store)).build()?;
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(run()).unwrap();
/// ```
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: String,
    timeout: Duration,
    time: Option<Box<dyn Fn() -> Duration + Send + Sync>>,
    scripts: [Script; 3],
}

/// The address of the Redis server is not one, or it asks for what is not built in.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis is not one that can be used")]
pub struct RedisStoreError(#[source] BoxError);

impl Classified for RedisStoreError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "RATE_LIMIT_REDIS_ADDRESS"
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }
}

impl RedisStore {
    /// Time for an answer, unless told otherwise.
    pub const TIMEOUT_DEFAULT: Duration = Duration::from_millis(100);

    /// A store at `url` (`redis://host:6379/0`) whose keys begin with `prefix`. It connects when it
    /// is first asked.
    ///
    /// # Errors
    ///
    /// [`RedisStoreError`] if `url` is not an address of Redis.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn open(url: &str, prefix: impl Into<String>) -> Result<Self, RedisStoreError> {
        let fault = |error: redis::RedisError| RedisStoreError(error.into());
        let client = Client::open(url).map_err(fault)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_secs(1)));
        let script = |body| Script::new(&format!("{}{body}", include_str!("redis/time.lua")));
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config).map_err(fault)?,
            prefix: prefix.into(),
            timeout: Self::TIMEOUT_DEFAULT,
            time: None,
            scripts: [
                script(include_str!("redis/gcra.lua")),
                script(include_str!("redis/fixed.lua")),
                script(include_str!("redis/sliding.lua")),
            ],
        })
    }

    /// Time for an answer; then the store counts as away. Default: 100 ms.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes the time from `time` in place of the server's clock: for tests. Keys then stay for ten
    /// minutes at least.
    pub fn time(mut self, time: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.time = Some(Box::new(time));
        self
    }

    fn key(&self, key: StoreKey<'_>) -> String {
        let mut text = format!("{}:{}:", self.prefix, key.limit);
        for byte in Sha256::digest(key.subject.as_bytes()).iter().take(16) {
            let _never_fails = write!(text, "{byte:02x}");
        }
        text
    }

    async fn ask(
        &self,
        key: StoreKey<'_>,
        quota: &Quota,
        cost: u32,
    ) -> redis::RedisResult<Decision> {
        let (script, size) = match quota.counted_by() {
            Algorithm::Gcra => (&self.scripts[0], quota.gap_micros()),
            Algorithm::FixedWindow => (&self.scripts[1], quota.window_micros()),
            Algorithm::SlidingWindow => (&self.scripts[2], quota.window_micros()),
        };
        let now = self.time.as_ref().map(|time| micros(time()).to_string());
        let mut call = script.key(self.key(key));
        call.arg(now.unwrap_or_default())
            .arg(cost)
            .arg(quota.burst_max())
            .arg(size);
        let mut connection = self.connection.clone();
        let (allowed, left, retry, reset): (u8, u64, u64, u64) =
            call.invoke_async(&mut connection).await?;
        Ok(Decision::from_micros(
            allowed == 1,
            quota.limit(),
            [left, retry, reset],
        ))
    }
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl LimitStore for RedisStore {
    fn take<'a>(
        &'a self,
        key: StoreKey<'a>,
        quota: &'a Quota,
        cost: u32,
    ) -> BoxFuture<'a, Result<Decision, StoreAway>> {
        Box::pin(async move {
            let asked = tokio::time::timeout(self.timeout, self.ask(key, quota, cost)).await;
            match asked {
                Ok(answer) => answer.map_err(|error| StoreAway(error.into())),
                Err(late) => Err(StoreAway(late.into())),
            }
        })
    }
}

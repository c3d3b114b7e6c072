//! Sessions in Redis. Each method is one script, so that it is atomic.

use std::fmt;

use purlin_base::Timestamp;
use redis::{FromRedisValue, ScriptInvocation, aio::ConnectionManager};
use uuid::Uuid;

use super::{
    SessionError, SessionKey, SessionRecord, SessionStore, StoreFuture, USER_SESSIONS_MAX,
};

mod connect;
mod record;
mod scripts;

pub(super) use connect::{connect, open, unavailable};
use record::{fields, read};
use scripts::Scripts;

/// Sessions in Redis, shared by all processes on it.
///
/// They are as lasting as the server's own settings make them. The server must not evict
/// (`maxmemory-policy noeviction`): an evicted session is a user signed out.
/// All keys begin with one prefix, which has a hash tag, so that they share one slot of a cluster.
///
/// A command that is not answered within 2 s fails with [`SessionError::Unavailable`].
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::session::{CookiePolicy, RedisSessionStore, Sessions};
///
/// let store = RedisSessionStore::connect("redis://127.0.0.1").await?.prefix("{shop}:");
/// let cookie = CookiePolicy::for_public_url("https://books.example")?;
/// let sessions = Sessions::builder(std::sync::Arc::new(store), cookie).build()?;
/// # drop(sessions); Ok(()) }
/// ```
pub struct RedisSessionStore {
    connection: ConnectionManager,
    prefix: String,
    scripts: Scripts,
}

impl RedisSessionStore {
    /// Connects to the server at `url` (`redis://host:6379/0`), with keys under `{sessions}:`.
    ///
    /// # Errors
    ///
    /// [`SessionError::Unavailable`] when the address is no good or nobody answers.
    pub async fn connect(url: &str) -> Result<Self, SessionError> {
        Ok(Self::new(connect(url).await?))
    }

    /// The same, but it connects when it is first asked, so a program can start while the server is
    /// away.
    ///
    /// # Errors
    ///
    /// [`SessionError::Unavailable`] when the address is no good.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn open(url: &str) -> Result<Self, SessionError> {
        Ok(Self::new(open(url)?))
    }

    /// Uses a connection that is there. Its time limits are yours.
    pub fn new(connection: ConnectionManager) -> Self {
        Self {
            connection,
            prefix: "{sessions}:".to_owned(),
            scripts: Scripts::default(),
        }
    }

    /// What all keys begin with. Default: `{sessions}:`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    async fn run<T: FromRedisValue>(
        &self,
        call: &mut ScriptInvocation<'_>,
    ) -> Result<T, SessionError> {
        let call = call.key(self.prefix.as_str());
        let mut connection = self.connection.clone();
        call.invoke_async(&mut connection)
            .await
            .map_err(unavailable)
    }
}

fn hex(key: SessionKey) -> String {
    key.as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl fmt::Debug for RedisSessionStore {
    /// Leaves out the address, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessionStore")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl SessionStore for RedisSessionStore {
    fn insert<'a>(
        &'a self,
        old: Option<SessionKey>,
        new: SessionKey,
        record: &'a SessionRecord,
        now: Timestamp,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut call = self.scripts.insert.arg(now.unix_micros());
            call.arg(old.map(hex).unwrap_or_default()).arg(hex(new));
            call.arg(USER_SESSIONS_MAX).arg(&fields(record)[..]);
            self.run(&mut call).await
        })
    }

    fn find(&self, key: SessionKey, now: Timestamp) -> StoreFuture<'_, Option<SessionRecord>> {
        Box::pin(async move {
            let mut call = self.scripts.find.arg(now.unix_micros());
            read(self.run(call.arg(hex(key))).await?)
        })
    }

    fn touch(
        &self,
        key: SessionKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> StoreFuture<'_, bool> {
        Box::pin(async move {
            let mut call = self.scripts.touch.arg(now.unix_micros());
            call.arg(hex(key)).arg(expires_at.unix_micros());
            self.run(&mut call).await
        })
    }

    fn rename(
        &self,
        old: SessionKey,
        new: SessionKey,
        now: Timestamp,
    ) -> StoreFuture<'_, Option<SessionRecord>> {
        Box::pin(async move {
            let mut call = self.scripts.rename.arg(now.unix_micros());
            read(self.run(call.arg(hex(old)).arg(hex(new))).await?)
        })
    }

    fn set_data<'a>(
        &'a self,
        key: SessionKey,
        data: &'a str,
        now: Timestamp,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut call = self.scripts.set_data.arg(now.unix_micros());
            self.run(call.arg(hex(key)).arg(data)).await
        })
    }

    fn remove(&self, key: SessionKey) -> StoreFuture<'_, ()> {
        // What is taken away is so whatever the time.
        let mut call = self.scripts.remove.arg(0);
        Box::pin(async move { self.run(call.arg(hex(key))).await })
    }

    fn list<'a>(&'a self, user: &'a str, now: Timestamp) -> StoreFuture<'a, Vec<SessionRecord>> {
        Box::pin(async move {
            let mut call = self.scripts.list.arg(now.unix_micros());
            let found: Vec<Vec<String>> = self.run(call.arg(user)).await?;
            let records = found.into_iter().map(read);
            records.filter_map(Result::transpose).collect()
        })
    }

    fn remove_listed<'a>(
        &'a self,
        user: &'a str,
        public_id: Uuid,
        now: Timestamp,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut call = self.scripts.remove_listed.arg(now.unix_micros());
            self.run(call.arg(user).arg(public_id.to_string())).await
        })
    }

    fn remove_all<'a>(
        &'a self,
        user: &'a str,
        except: Option<Uuid>,
        now: Timestamp,
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let except = except.map(|id| id.to_string()).unwrap_or_default();
            let mut call = self.scripts.remove_all.arg(now.unix_micros());
            self.run(call.arg(user).arg(except)).await
        })
    }

    fn set_roles<'a>(
        &'a self,
        user: &'a str,
        roles: &'a [String],
        now: Timestamp,
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let mut call = self.scripts.set_roles.arg(now.unix_micros());
            self.run(call.arg(user).arg(record::roles(roles))).await
        })
    }
}

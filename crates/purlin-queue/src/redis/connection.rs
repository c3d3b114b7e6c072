//! The connections to Redis: they are made again when they break, and none waits for ever.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use purlin_base::Timestamp;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, RedisError, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection},
};
use tokio::sync::Mutex;

use crate::QueueError;

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(5);
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// The connections of a store.
pub(super) struct Connections {
    client: Client,
    all: ConnectionManager,
    /// Renewals go before everything else, so they do not share; made where it is first needed, so
    /// that its task runs beside the caller's and not on threads that a program may block.
    renewals: Mutex<Option<MultiplexedConnection>>,
    /// How far tests have moved the clock, in ms.
    offset: AtomicI64,
}

impl Connections {
    pub(super) async fn open(url: &str) -> Result<Self, QueueError> {
        let client = Client::open(url).map_err(failed)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(ANSWER_MAX))
            .set_connection_timeout(Some(CONNECT_MAX))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_secs(1));
        let all = ConnectionManager::new_with_config(client.clone(), config);
        Ok(Self {
            all: all.await.map_err(failed)?,
            client,
            renewals: Mutex::new(None),
            offset: AtomicI64::new(0),
        })
    }

    /// How far the clock is from the server's, in ms. 0 outside tests.
    pub(super) fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    #[cfg(feature = "testing")]
    pub(super) fn move_clock(&self, millis: i64) {
        self.offset.fetch_add(millis, Ordering::Relaxed);
    }

    pub(super) async fn script<T: FromRedisValue>(
        &self,
        call: &ScriptInvocation<'_>,
    ) -> Result<T, QueueError> {
        let mut connection = self.all.clone();
        call.invoke_async(&mut connection).await.map_err(failed)
    }

    pub(super) async fn command<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, QueueError> {
        let mut connection = self.all.clone();
        command.query_async(&mut connection).await.map_err(failed)
    }

    pub(super) async fn pipeline<T: FromRedisValue>(
        &self,
        pipeline: &Pipeline,
    ) -> Result<T, QueueError> {
        let mut connection = self.all.clone();
        pipeline.query_async(&mut connection).await.map_err(failed)
    }

    /// Runs a script on the connection for renewals; once more on a new one if that is broken.
    pub(super) async fn renewal<T: FromRedisValue>(
        &self,
        call: &ScriptInvocation<'_>,
    ) -> Result<T, QueueError> {
        let mut kept = self.renewals.lock().await;
        if let Some(connection) = kept.as_mut()
            && let Ok(answer) = call.invoke_async(connection).await
        {
            return Ok(answer);
        }
        let mut connection = self.dedicated(Some(CONNECT_MAX)).await?;
        let answer = call.invoke_async(&mut connection).await.map_err(failed)?;
        *kept = Some(connection);
        Ok(answer)
    }

    /// A connection of its own. `None`: its answers may take as long as they like.
    pub(super) async fn dedicated(
        &self,
        answer_max: Option<Duration>,
    ) -> Result<MultiplexedConnection, QueueError> {
        // Without a word, an answer of more than 500 ms is taken for none: every blocking call.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_MAX))
            .set_response_timeout(answer_max);
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        connection.await.map_err(failed)
    }

    /// Refuses a Redis that lacks commands the scripts need.
    pub(super) async fn check_version(&self) -> Result<(), QueueError> {
        let info: String = self.command(redis::cmd("INFO").arg("server")).await?;
        let version = info
            .lines()
            .find_map(|line| line.strip_prefix("redis_version:"));
        let mut parts = version
            .unwrap_or_default()
            .split('.')
            .map(|part| part.parse().unwrap_or(0));
        let (major, minor): (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        if (major, minor) >= (6, 2) {
            return Ok(());
        }
        Err(QueueError::Store {
            engine: ENGINE,
            source: format!(
                "Redis {} is older than 6.2",
                version.unwrap_or("of no version")
            )
            .into(),
        })
    }

    pub(super) async fn now(&self) -> Result<Timestamp, QueueError> {
        let (seconds, micros): (i64, i64) = self.command(&redis::cmd("TIME")).await?;
        Ok(Timestamp::from_unix_micros(
            seconds * 1_000_000 + micros + self.offset() * 1_000,
        ))
    }
}

pub(super) fn failed(error: RedisError) -> QueueError {
    QueueError::Store {
        engine: ENGINE,
        source: error.into(),
    }
}

/// An answer that is not what our own script gives.
pub(super) fn unreadable(what: &'static str) -> QueueError {
    QueueError::Store {
        engine: ENGINE,
        source: format!("the answer to {what} cannot be read").into(),
    }
}

pub(super) const ENGINE: &str = "redis";

//! A connection to Redis that is made again when it breaks, and does not wait for ever.

use std::time::Duration;

use redis::{
    Client, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::session::SessionError;

pub(in crate::session) async fn connect(url: &str) -> Result<ConnectionManager, SessionError> {
    let client = Client::open(url).map_err(unavailable)?;
    let manager = ConnectionManager::new_with_config(client, config());
    manager.await.map_err(unavailable)
}

/// The same, but it connects when it is first asked.
pub(in crate::session) fn open(url: &str) -> Result<ConnectionManager, SessionError> {
    let client = Client::open(url).map_err(unavailable)?;
    ConnectionManager::new_lazy_with_config(client, config()).map_err(unavailable)
}

fn config() -> ConnectionManagerConfig {
    let limit = Some(Duration::from_secs(2));
    ConnectionManagerConfig::new()
        .set_response_timeout(limit)
        .set_connection_timeout(limit)
        .set_number_of_retries(1)
        .set_max_delay(Duration::from_secs(1))
}

pub(in crate::session) fn unavailable(error: RedisError) -> SessionError {
    SessionError::Unavailable(error.into())
}

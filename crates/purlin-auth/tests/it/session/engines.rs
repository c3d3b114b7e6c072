//! The suite on each store.

use std::sync::Arc;

use purlin_auth::session::{MemorySessionStore, SharedSessionStore, SqlSessionStore};
use purlin_sql::Db;

use super::suite::suite;

async fn with_memory(case: impl AsyncFnOnce(SharedSessionStore)) {
    case(Arc::new(MemorySessionStore::default())).await;
}

suite!(in_memory, crate::session::engines::with_memory);

async fn with_sqlite(case: impl AsyncFnOnce(SharedSessionStore)) {
    crate::engines::with_sqlite(async |db| case(in_table(db)).await).await;
}

suite!(on_sqlite, crate::session::engines::with_sqlite);

#[cfg(feature = "postgres")]
async fn with_postgres(case: impl AsyncFnOnce(SharedSessionStore)) {
    crate::engines::with_postgres(async |db| case(in_table(db)).await).await;
}

#[cfg(feature = "postgres")]
suite!(on_postgres, crate::session::engines::with_postgres);

fn in_table(db: Db) -> SharedSessionStore {
    Arc::new(SqlSessionStore::new(db))
}

#[cfg(feature = "redis")]
pub(super) mod redis_server {
    //! A prefix of its own for each case.

    use purlin_auth::session::RedisSessionStore;
    use redis::aio::ConnectionManager;
    use uuid::Uuid;

    use super::*;

    pub(in crate::session) async fn connection() -> Option<ConnectionManager> {
        let url = purlin_base::testing::server("PURLIN_TEST_REDIS")?;
        let client = redis::Client::open(url).unwrap();
        Some(ConnectionManager::new(client).await.unwrap())
    }

    pub(in crate::session) fn prefix() -> String {
        format!("purlin-auth-sessions-{}:", Uuid::now_v7().simple())
    }

    pub(super) async fn with_redis(case: impl AsyncFnOnce(SharedSessionStore)) {
        let Some(connection) = connection().await else {
            return;
        };
        let prefix = prefix();
        let store = RedisSessionStore::new(connection.clone()).prefix(&prefix);
        case(Arc::new(store)).await;
        clean(connection, &prefix).await;
    }

    pub(in crate::session) async fn clean(mut connection: ConnectionManager, prefix: &str) {
        let mut keys = redis::cmd("KEYS");
        keys.arg(format!("{prefix}*"));
        let keys: Vec<String> = keys.query_async(&mut connection).await.unwrap();
        if !keys.is_empty() {
            let mut delete = redis::cmd("DEL");
            let () = delete.arg(keys).query_async(&mut connection).await.unwrap();
        }
    }
}

#[cfg(feature = "redis")]
suite!(on_redis, crate::session::engines::redis_server::with_redis);

#[cfg(feature = "redis")]
#[tokio::test]
async fn redis_holds_no_id_and_every_key_has_an_end() {
    use ::redis::{AsyncCommands, cmd};
    use purlin_auth::session::RedisSessionStore;

    let Some(mut connection) = redis_server::connection().await else {
        return;
    };
    let prefix = redis_server::prefix();
    let store = RedisSessionStore::new(connection.clone()).prefix(&prefix);
    let site = super::browser::Site::on(Arc::new(store));
    let id = site.sign_in("ann").await.session.id().reveal();
    let mut keys = cmd("KEYS");
    keys.arg(format!("{prefix}*"));
    let keys: Vec<String> = keys.query_async(&mut connection).await.unwrap();
    assert_eq!(keys.len(), 2, "the session, and the user's list");
    for key in keys {
        let fields: Vec<String> = connection.hgetall(&key).await.unwrap();
        assert!(!key.contains(&id) && !fields.concat().contains(&id));
        let left: i64 = connection.ttl(&key).await.unwrap();
        assert!(left > 29 * 60 && left <= 12 * 60 * 60 + 60, "{left}");
    }
    redis_server::clean(connection, &prefix).await;
}

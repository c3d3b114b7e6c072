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
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.migrate(&purlin_auth::MIGRATIONS).await.unwrap();
    case(Arc::new(SqlSessionStore::new(db.clone()))).await;
    db.close().await;
}

suite!(on_sqlite, crate::session::engines::with_sqlite);

#[cfg(feature = "postgres")]
mod postgres_server {
    //! A schema of its own for each case.

    use purlin_sql::Query;
    use uuid::Uuid;

    use super::*;

    pub(super) async fn with_postgres(case: impl AsyncFnOnce(SharedSessionStore)) {
        let Some(server) = purlin_base::testing::server("PURLIN_TEST_POSTGRES") else {
            return;
        };
        let schema = format!("purlin_sessions_{}", Uuid::now_v7().simple());
        let admin = Db::connect(server.as_str()).await.unwrap();
        let create = define("create schema ", &schema);
        admin.write(create).execute().await.unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-c%20search_path%3D{schema}");
        let db = Db::connect(url.as_str()).await.unwrap();
        db.migrate(&purlin_auth::MIGRATIONS).await.unwrap();
        case(Arc::new(SqlSessionStore::new(db.clone()))).await;
        db.close().await;
        let drop = define("drop schema ", &schema).push(" cascade");
        admin.write(drop).execute().await.unwrap();
        admin.close().await;
    }

    /// A name cannot be bound, and text made at run time is no statement: each character of the
    /// name is a literal of this program.
    fn define(what: &'static str, schema: &str) -> Query {
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
        let letter = |c| {
            let at = letters.find(c).expect("a plain name");
            Query::new(&letters[at..=at])
        };
        Query::new(what).push(Query::join(schema.chars().map(letter), ""))
    }
}

#[cfg(feature = "postgres")]
suite!(
    on_postgres,
    crate::session::engines::postgres_server::with_postgres
);

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

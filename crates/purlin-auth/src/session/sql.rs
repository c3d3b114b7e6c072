//! Sessions in SQLite or Postgres, in the table of [`MIGRATIONS`](crate::MIGRATIONS).

use purlin_base::{BoxFuture, Timestamp};
use purlin_sql::{Db, FromRow, Json, Query, SqlError, Tx};
use uuid::Uuid;

use super::{SessionError, SessionKey, SessionRecord, SessionStore, USER_SESSIONS_MAX};

/// How many expired sessions, of anybody, one sign-in clears away. More than one, so that the
/// table shrinks to what is live without a job that has to be started.
const CLEARED_MAX: i64 = 10;

/// Sessions in a table. Shared by all processes on the database; there after a restart.
///
/// A load is one read by primary key. Inside a transaction of the same database and task, methods
/// that write fail with [`SqlError::Nested`].
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::session::SqlSessionStore;
///
/// let db = purlin_sql::Db::connect("sqlite::memory:").await?;
/// db.migrate(&purlin_auth::MIGRATIONS).await?;
/// let store = SqlSessionStore::new(db);
/// # drop(store); Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SqlSessionStore {
    db: Db,
}

#[derive(FromRow)]
struct SessionRow {
    public_id: Uuid,
    user_id: String,
    roles: Json<Vec<String>>,
    device: String,
    data: String,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    ends_at: Timestamp,
}

const COLUMNS: &str = "public_id, user_id, roles, device, data, created_at, last_used_at, \
                       expires_at, ends_at";

impl From<SessionRow> for SessionRecord {
    fn from(row: SessionRow) -> Self {
        Self {
            public_id: row.public_id,
            user: row.user_id,
            roles: row.roles.0,
            device: row.device,
            data: row.data,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            ends_at: row.ends_at,
        }
    }
}

fn bytes(key: SessionKey) -> Vec<u8> {
    key.as_bytes().to_vec()
}

impl SqlSessionStore {
    /// Sessions in `db`, which [`MIGRATIONS`](crate::MIGRATIONS) have been applied to.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Not part of the sign-in: whether it succeeds is nothing to the user.
    async fn clear_expired(&self, now: Timestamp) {
        let clear = "delete from auth_sessions where key in (select key from auth_sessions \
                     where expires_at <= $1 order by expires_at limit $2)";
        let cleared = self.db.write(clear).bind(now).bind(CLEARED_MAX).execute();
        if let Err(error) = cleared.await {
            tracing::warn!(%error, "expired sessions were not cleared away");
        }
    }
}

async fn put(tx: &mut Tx, key: SessionKey, record: &SessionRecord) -> Result<(), SqlError> {
    let insert = Query::new("insert into auth_sessions (key, ")
        .push(COLUMNS)
        .push(") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(bytes(key))
        .bind(record.public_id)
        .bind(&record.user)
        .bind(Json(&record.roles))
        .bind(&record.device)
        .bind(&record.data)
        .bind(record.created_at)
        .bind(record.last_used_at)
        .bind(record.expires_at)
        .bind(record.ends_at);
    tx.query(insert).execute().await?;
    Ok(())
}

/// Ends the sessions of `user` that are too many, those unused longest first.
async fn make_room(tx: &mut Tx, user: &str, now: Timestamp) -> Result<(), SqlError> {
    let delete = "delete from auth_sessions where key in (select key from auth_sessions \
                  where user_id = $1 and expires_at > $2 \
                  order by last_used_at desc, public_id desc limit 1000 offset $3)";
    let offset = USER_SESSIONS_MAX as i64;
    let delete = tx.query(delete).bind(user).bind(now).bind(offset);
    delete.execute().await?;
    Ok(())
}

impl SessionStore for SqlSessionStore {
    fn insert<'a>(
        &'a self,
        old: Option<SessionKey>,
        new: SessionKey,
        record: &'a SessionRecord,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), SessionError>> {
        Box::pin(async move {
            let work = async |tx: &mut Tx| {
                if let Some(old) = old {
                    let delete = "delete from auth_sessions where key = $1";
                    tx.query(delete).bind(bytes(old)).execute().await?;
                }
                put(tx, new, record).await?;
                make_room(tx, &record.user, now).await
            };
            self.db.transaction(work).await?;
            self.clear_expired(now).await;
            Ok(())
        })
    }

    fn find(
        &self,
        key: SessionKey,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<SessionRecord>, SessionError>> {
        Box::pin(async move {
            let find = Query::new("select ")
                .push(COLUMNS)
                .push(" from auth_sessions where key = $1 and expires_at > $2")
                .bind(bytes(key))
                .bind(now);
            let row = self.db.read().query(find).fetch_optional::<SessionRow>();
            Ok(row.await?.map(Into::into))
        })
    }

    fn touch(
        &self,
        key: SessionKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<bool, SessionError>> {
        Box::pin(async move {
            let update = "update auth_sessions set \
                 last_used_at = case when last_used_at < $3 then $3 else last_used_at end, \
                 expires_at = case when expires_at < $2 then $2 else expires_at end \
                 where key = $1 and expires_at > $3";
            let update = self.db.write(update).bind(bytes(key));
            let touched = update.bind(expires_at).bind(now).execute().await?;
            Ok(touched > 0)
        })
    }

    fn rename(
        &self,
        old: SessionKey,
        new: SessionKey,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Option<SessionRecord>, SessionError>> {
        Box::pin(async move {
            let update = Query::new(
                "update auth_sessions set key = $2 where key = $1 and expires_at > $3 returning ",
            )
            .push(COLUMNS)
            .bind(bytes(old))
            .bind(bytes(new))
            .bind(now);
            let row = self.db.write(update).fetch_optional::<SessionRow>().await?;
            Ok(row.map(Into::into))
        })
    }

    fn set_data<'a>(
        &'a self,
        key: SessionKey,
        data: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, SessionError>> {
        Box::pin(async move {
            let update = "update auth_sessions set data = $2 where key = $1 and expires_at > $3";
            let update = self.db.write(update).bind(bytes(key)).bind(data).bind(now);
            Ok(update.execute().await? > 0)
        })
    }

    fn remove(&self, key: SessionKey) -> BoxFuture<'_, Result<(), SessionError>> {
        Box::pin(async move {
            let delete = "delete from auth_sessions where key = $1";
            self.db.write(delete).bind(bytes(key)).execute().await?;
            Ok(())
        })
    }

    fn list<'a>(
        &'a self,
        user: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<SessionRecord>, SessionError>> {
        Box::pin(async move {
            let find = Query::new("select ")
                .push(COLUMNS)
                .push(
                    " from auth_sessions where user_id = $1 and expires_at > $2 \
                     order by last_used_at desc, public_id desc limit $3",
                )
                .bind(user)
                .bind(now)
                .bind(USER_SESSIONS_MAX as i64);
            let rows = self.db.read().query(find).fetch_all::<SessionRow>().await?;
            Ok(rows.into_iter().map(Into::into).collect())
        })
    }

    fn remove_listed<'a>(
        &'a self,
        user: &'a str,
        public_id: Uuid,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<bool, SessionError>> {
        Box::pin(async move {
            let delete = "delete from auth_sessions \
                          where user_id = $1 and public_id = $2 and expires_at > $3";
            let delete = self.db.write(delete).bind(user).bind(public_id).bind(now);
            Ok(delete.execute().await? > 0)
        })
    }

    fn remove_all<'a>(
        &'a self,
        user: &'a str,
        except: Option<Uuid>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<u64, SessionError>> {
        Box::pin(async move {
            let mut delete =
                Query::new("delete from auth_sessions where user_id = $1 and expires_at > $2")
                    .bind(user)
                    .bind(now);
            if let Some(except) = except {
                delete = delete.push(Query::new(" and public_id <> $1").bind(except));
            }
            Ok(self.db.write(delete).execute().await?)
        })
    }

    fn set_roles<'a>(
        &'a self,
        user: &'a str,
        roles: &'a [String],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<u64, SessionError>> {
        Box::pin(async move {
            let update =
                "update auth_sessions set roles = $2 where user_id = $1 and expires_at > $3";
            let update = self.db.write(update).bind(user).bind(Json(roles)).bind(now);
            Ok(update.execute().await?)
        })
    }
}

//! Sessions in SQLite or Postgres, in the table of [`MIGRATIONS`](crate::MIGRATIONS).

use purlin_base::Timestamp;
use purlin_sql::{Db, Query, Tx};
use uuid::Uuid;

use super::{
    SessionError, SessionKey, SessionRecord, SessionStore, StoreFuture, USER_SESSIONS_MAX,
    record::check_roles,
};

mod row;
mod statements;

use row::{COLUMNS, SessionRow};
use statements::{alone, bytes, make_room, put, remove_all, set_roles};

/// How many expired sessions, of anybody, one sign-in clears away. More than one, so that the
/// table shrinks to what is live without a job that has to be started.
const CLEARED_MAX: u32 = 10;

/// Sessions in a table. Shared by all processes on the database; there after a restart.
///
/// A load is one read by primary key. Inside a transaction of the same database and task, methods
/// that write fail with [`SqlError::Nested`](purlin_sql::SqlError::Nested).
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

impl SqlSessionStore {
    /// Sessions in `db`, which [`MIGRATIONS`](crate::MIGRATIONS) have been applied to.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// [`set_roles`](SessionStore::set_roles) in your transaction: the change of the user and of
    /// the sessions is one commit.
    ///
    /// # Errors
    ///
    /// [`SessionError::Owner`] when `roles` are out of their bounds, [`SessionError::Sql`].
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use {purlin_auth::session::{SessionError, SqlSessionStore}, purlin_base::Timestamp, purlin_sql::Tx};
    /// # let db = purlin_sql::Db::connect("sqlite::memory:").await?;
    /// # db.migrate(&purlin_auth::MIGRATIONS).await?;
    /// # let (store, now) = (SqlSessionStore::new(db.clone()), Timestamp::UNIX_EPOCH);
    /// let changed = db.transaction(async |tx: &mut Tx| {
    ///     // … the row of the user, and then:
    ///     store.set_roles_in(tx, "u1", &["staff".to_owned()], now).await
    /// });
    /// assert_eq!(changed.await?, 0); // Nobody is signed in.
    /// # Ok(()) }
    /// ```
    pub async fn set_roles_in(
        &self,
        tx: &mut Tx,
        user: &str,
        roles: &[String],
        now: Timestamp,
    ) -> Result<u64, SessionError> {
        check_roles(roles)?;
        Ok(set_roles(tx, user, roles, now).await?)
    }

    /// [`remove_all`](SessionStore::remove_all) in your transaction, for a change of password or
    /// the end of an account.
    ///
    /// # Errors
    ///
    /// [`SessionError::Sql`].
    pub async fn remove_all_in(
        &self,
        tx: &mut Tx,
        user: &str,
        except: Option<Uuid>,
        now: Timestamp,
    ) -> Result<u64, SessionError> {
        Ok(remove_all(tx, user, except, now).await?)
    }

    /// Deletes up to `batch` sessions that have expired by `now`; returns how many. Each sign-in
    /// clears a few away, so this is for a site that nobody signs in to any more: call it now and
    /// then.
    ///
    /// # Errors
    ///
    /// [`SessionError::Sql`]; nothing was deleted.
    pub async fn sweep(&self, now: Timestamp, batch: u32) -> Result<u64, SessionError> {
        let clear = "delete from auth_sessions where key in (select key from auth_sessions \
                     where expires_at <= $1 order by expires_at limit $2)";
        let clear = self.db.write(clear).bind(now).bind(i64::from(batch));
        Ok(clear.execute().await?)
    }

    /// Not part of the sign-in: whether it succeeds is nothing to the user.
    async fn clear_expired(&self, now: Timestamp) {
        if let Err(error) = self.sweep(now, CLEARED_MAX).await {
            tracing::warn!(%error, "expired sessions were not cleared away");
        }
    }
}

impl SessionStore for SqlSessionStore {
    fn insert<'a>(
        &'a self,
        old: Option<SessionKey>,
        new: SessionKey,
        record: &'a SessionRecord,
        now: Timestamp,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let work = async |tx: &mut Tx| {
                alone(tx, &record.user).await?;
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

    fn find(&self, key: SessionKey, now: Timestamp) -> StoreFuture<'_, Option<SessionRecord>> {
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
    ) -> StoreFuture<'_, bool> {
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
    ) -> StoreFuture<'_, Option<SessionRecord>> {
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
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let update = "update auth_sessions set data = $2 where key = $1 and expires_at > $3";
            let update = self.db.write(update).bind(bytes(key)).bind(data).bind(now);
            Ok(update.execute().await? > 0)
        })
    }

    fn remove(&self, key: SessionKey) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let delete = "delete from auth_sessions where key = $1";
            self.db.write(delete).bind(bytes(key)).execute().await?;
            Ok(())
        })
    }

    fn list<'a>(&'a self, user: &'a str, now: Timestamp) -> StoreFuture<'a, Vec<SessionRecord>> {
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
    ) -> StoreFuture<'a, bool> {
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
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let work = async |tx: &mut Tx| remove_all(tx, user, except, now).await;
            Ok(self.db.transaction(work).await?)
        })
    }

    fn set_roles<'a>(
        &'a self,
        user: &'a str,
        roles: &'a [String],
        now: Timestamp,
    ) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let work = async |tx: &mut Tx| set_roles(tx, user, roles, now).await;
            Ok(self.db.transaction(work).await?)
        })
    }
}

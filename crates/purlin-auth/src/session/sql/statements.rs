//! The statements that are sent both alone and in a transaction.

use purlin_base::Timestamp;
use purlin_sql::{Json, Query, SqlError, Tx};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::row::COLUMNS;
use crate::session::{SessionKey, SessionRecord, USER_SESSIONS_MAX};

pub(super) fn bytes(key: SessionKey) -> Vec<u8> {
    key.as_bytes().to_vec()
}

pub(super) async fn put(
    tx: &mut Tx,
    key: SessionKey,
    record: &SessionRecord,
) -> Result<(), SqlError> {
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
pub(super) async fn make_room(tx: &mut Tx, user: &str, now: Timestamp) -> Result<(), SqlError> {
    let delete = "delete from auth_sessions where key in (select key from auth_sessions \
                  where user_id = $1 and expires_at > $2 \
                  order by last_used_at desc, public_id desc limit 1000 offset $3)";
    let offset = USER_SESSIONS_MAX as i64;
    let delete = tx.query(delete).bind(user).bind(now).bind(offset);
    delete.execute().await?;
    Ok(())
}

pub(super) async fn remove_all(
    tx: &mut Tx,
    user: &str,
    except: Option<Uuid>,
    now: Timestamp,
) -> Result<u64, SqlError> {
    alone(tx, user).await?;
    let delete = Query::new("delete from auth_sessions where user_id = $1 and expires_at > $2")
        .bind(user)
        .bind(now);
    let delete = match except {
        Some(except) => delete.push(Query::new(" and public_id <> $1").bind(except)),
        None => delete,
    };
    tx.query(delete).execute().await
}

pub(super) async fn set_roles(
    tx: &mut Tx,
    user: &str,
    roles: &[String],
    now: Timestamp,
) -> Result<u64, SqlError> {
    alone(tx, user).await?;
    let update = "update auth_sessions set roles = $2 where user_id = $1 and expires_at > $3";
    let update = tx.query(update).bind(user).bind(Json(roles)).bind(now);
    update.execute().await
}

/// Keeps others from changing many sessions of `user` until the transaction ends: two that lock
/// the same rows in different orders would wait for each other. Comes before any row is locked.
/// SQLite has one writer at a time anyhow.
pub(super) async fn alone(tx: &mut Tx, user: &str) -> Result<(), SqlError> {
    if tx.db().engine() == "postgres" {
        let lock = tx.query("select pg_advisory_xact_lock($1)");
        lock.bind(lock_of(user)).execute().await?;
    }
    Ok(())
}

/// The number that stands for `user` among the locks of the database. Two users may share one:
/// then they wait for each other now and then.
fn lock_of(user: &str) -> i64 {
    let hash = Sha256::new()
        .chain_update("purlin auth_sessions\0")
        .chain_update(user)
        .finalize();
    let mut number = [0; 8];
    number.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(number)
}

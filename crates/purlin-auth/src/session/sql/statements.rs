//! The statements that are sent both alone and in a transaction.

use purlin_base::Timestamp;
use purlin_sql::{Json, Query, SqlError, Tx};
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

pub(super) fn remove_all(user: &str, except: Option<Uuid>, now: Timestamp) -> Query {
    let delete = Query::new("delete from auth_sessions where user_id = $1 and expires_at > $2")
        .bind(user)
        .bind(now);
    match except {
        Some(except) => delete.push(Query::new(" and public_id <> $1").bind(except)),
        None => delete,
    }
}

pub(super) fn set_roles(user: &str, roles: &[String], now: Timestamp) -> Query {
    Query::new("update auth_sessions set roles = $2 where user_id = $1 and expires_at > $3")
        .bind(user)
        .bind(Json(roles))
        .bind(now)
}

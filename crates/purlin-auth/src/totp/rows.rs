//! The rows of second factors and recovery codes.

use purlin_base::Timestamp;
use purlin_sql::{Db, Tx};

use super::TotpError;

/// A second factor as it is kept.
pub(super) struct Kept {
    pub(super) sealed: Vec<u8>,
    pub(super) last_step: i64,
    pub(super) created_at: Timestamp,
    pub(super) is_confirmed: bool,
}

type Row = (Vec<u8>, i64, Timestamp, Option<Timestamp>);

pub(super) async fn find(tx: &mut Tx, user: &str) -> Result<Option<Kept>, TotpError> {
    let select = "select sealed, last_step, created_at, confirmed_at
         from auth_totp where user_id = $1";
    let row = tx.query(select).bind(user).fetch_optional::<Row>().await?;
    let kept = |(sealed, last_step, created_at, confirmed_at): Row| Kept {
        sealed,
        last_step,
        created_at,
        is_confirmed: confirmed_at.is_some(),
    };
    Ok(row.map(kept))
}

pub(super) async fn is_confirmed(db: &Db, user: &str) -> Result<bool, TotpError> {
    let select = "select 1 from auth_totp where user_id = $1 and confirmed_at is not null";
    let row = db
        .read()
        .query(select)
        .bind(user)
        .fetch_optional::<(i64,)>();
    Ok(row.await?.is_some())
}

/// Puts a new secret in place of one that was not confirmed; false if there is one that was.
pub(super) async fn put(
    tx: &mut Tx,
    user: &str,
    sealed: Vec<u8>,
    now: Timestamp,
) -> Result<bool, TotpError> {
    let put = "insert into auth_totp (user_id, sealed, last_step, created_at, confirmed_at)
         values ($1, $2, 0, $3, null)
         on conflict (user_id) do update set
             sealed = excluded.sealed, last_step = 0, created_at = excluded.created_at
         where auth_totp.confirmed_at is null";
    let put = tx.query(put).bind(user).bind(sealed).bind(now);
    Ok(put.execute().await? > 0)
}

/// Confirms the secret `sealed` with a code of `step`; false if it was confirmed or replaced
/// meanwhile.
pub(super) async fn confirm(
    tx: &mut Tx,
    user: &str,
    sealed: &[u8],
    step: i64,
    now: Timestamp,
) -> Result<bool, TotpError> {
    let confirm = "update auth_totp set confirmed_at = $1, last_step = $2
         where user_id = $3 and sealed = $4 and confirmed_at is null";
    let confirm = tx
        .query(confirm)
        .bind(now)
        .bind(step)
        .bind(user)
        .bind(sealed);
    Ok(confirm.execute().await? > 0)
}

/// Uses up the codes of the secret `sealed` up to `step`; false if somebody else did meanwhile.
pub(super) async fn spend_step(
    tx: &mut Tx,
    user: &str,
    sealed: &[u8],
    step: i64,
) -> Result<bool, TotpError> {
    let spend = "update auth_totp set last_step = $1
         where user_id = $2 and sealed = $3 and last_step < $4 and confirmed_at is not null";
    let spend = tx
        .query(spend)
        .bind(step)
        .bind(user)
        .bind(sealed)
        .bind(step);
    Ok(spend.execute().await? > 0)
}

/// Keeps others from changing the recovery codes of `user` until the transaction ends; false if
/// there is no second factor that was confirmed.
pub(super) async fn lock(tx: &mut Tx, user: &str) -> Result<bool, TotpError> {
    let lock = "update auth_totp set last_step = last_step
         where user_id = $1 and confirmed_at is not null";
    Ok(tx.query(lock).bind(user).execute().await? > 0)
}

pub(super) async fn replace_recovery(
    tx: &mut Tx,
    user: &str,
    hashes: Vec<Vec<u8>>,
) -> Result<(), TotpError> {
    let delete = "delete from auth_recovery_codes where user_id = $1";
    tx.query(delete).bind(user).execute().await?;
    for hash in hashes {
        let insert = "insert into auth_recovery_codes (user_id, code_hash) values ($1, $2)";
        tx.query(insert).bind(user).bind(hash).execute().await?;
    }
    Ok(())
}

pub(super) async fn spend_recovery(
    tx: &mut Tx,
    user: &str,
    hash: Vec<u8>,
    now: Timestamp,
) -> Result<bool, TotpError> {
    let spend = "update auth_recovery_codes set used_at = $1
         where user_id = $2 and code_hash = $3 and used_at is null";
    let spend = tx.query(spend).bind(now).bind(user).bind(hash);
    Ok(spend.execute().await? > 0)
}

pub(super) async fn recovery_left(tx: &mut Tx, user: &str) -> Result<u32, TotpError> {
    let count = "select count(*) from auth_recovery_codes where user_id = $1 and used_at is null";
    let (count,) = tx.query(count).bind(user).fetch_one::<(i64,)>().await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

pub(super) async fn remove(tx: &mut Tx, user: &str) -> Result<bool, TotpError> {
    let remove = "delete from auth_totp where user_id = $1";
    Ok(tx.query(remove).bind(user).execute().await? > 0)
}

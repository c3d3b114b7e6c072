//! The rows of the signing keys.

use purlin_base::Timestamp;
use purlin_sql::{Db, Tx};

use super::Seal;
use crate::token::{
    Algorithm, KeyError, TokenKey,
    ring::{KEYS_MAX, Kept},
};

/// A key that is to be kept.
pub(super) struct NewKey {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) sealed: Vec<u8>,
}

type Row = (String, String, Vec<u8>, Timestamp, Option<Timestamp>);

/// The number that every change raises.
pub(super) async fn version(db: &Db) -> Result<i64, KeyError> {
    let select = "select version from auth_signing_keys_version where id = 1";
    let (version,) = db.read().query(select).fetch_one::<(i64,)>().await?;
    Ok(version)
}

/// Keeps everybody else from changing the keys until the transaction ends, and raises the version.
pub(super) async fn lock(tx: &mut Tx) -> Result<(), KeyError> {
    let raise = "update auth_signing_keys_version set version = version + 1 where id = 1";
    tx.query(raise).execute().await?;
    Ok(())
}

/// Every key that still verifies, opened.
pub(super) async fn load(db: &Db, seal: &Seal, now: Timestamp) -> Result<Vec<Kept>, KeyError> {
    let select = "select kid, algorithm, sealed, signs_from, verifies_until
         from auth_signing_keys
         where verifies_until is null or verifies_until > $1
         order by signs_from desc, kid";
    let rows = db.read().query(select).bind(now).fetch_all::<Row>().await?;
    rows.into_iter().map(|row| open(seal, row)).collect()
}

fn open(seal: &Seal, row: Row) -> Result<Kept, KeyError> {
    let (kid, algorithm, sealed, signs_from, verifies_until) = row;
    let key = Algorithm::from_name(&algorithm).and_then(|algorithm| {
        let mut private = seal.open(&kid, algorithm, &sealed)?;
        let key = TokenKey::from_private(algorithm, &kid, &private).ok();
        private.fill(0);
        key.filter(|key| key.kid() == kid)
    });
    Ok(Kept {
        key: key.ok_or(KeyError::WrongSecret { kid })?,
        signs_from,
        verifies_until,
    })
}

/// The algorithm of the newest key that was not told to end.
pub(super) async fn newest(db: &Db) -> Result<Option<String>, KeyError> {
    let select = "select algorithm from auth_signing_keys where verifies_until is null
         order by signs_from desc, kid limit 1";
    let row = db.read().query(select).fetch_optional::<(String,)>();
    Ok(row.await?.map(|(algorithm,)| algorithm))
}

pub(super) async fn any(tx: &mut Tx) -> Result<bool, KeyError> {
    let select = "select kid from auth_signing_keys where verifies_until is null limit 1";
    let row = tx.query(select).fetch_optional::<(String,)>().await?;
    Ok(row.is_some())
}

/// The key that is published and does not sign yet.
pub(super) async fn waiting(tx: &mut Tx, now: Timestamp) -> Result<Option<String>, KeyError> {
    let select = "select kid from auth_signing_keys
         where signs_from > $1 and verifies_until is null order by signs_from limit 1";
    let row = tx.query(select).bind(now).fetch_optional::<(String,)>();
    Ok(row.await?.map(|(kid,)| kid))
}

pub(super) async fn refuse_too_many(tx: &mut Tx) -> Result<(), KeyError> {
    let select = "select count(*) from auth_signing_keys";
    let (count,) = tx.query(select).fetch_one::<(i64,)>().await?;
    if usize::try_from(count).is_ok_and(|count| count < KEYS_MAX) {
        return Ok(());
    }
    Err(KeyError::Ring)
}

pub(super) async fn insert(
    tx: &mut Tx,
    new: &NewKey,
    now: Timestamp,
    signs_from: Timestamp,
) -> Result<(), KeyError> {
    let insert = "insert into auth_signing_keys (kid, algorithm, sealed, created_at, signs_from)
         values ($1, $2, $3, $4, $5)";
    tx.query(insert)
        .bind(&new.kid)
        .bind(new.algorithm.name())
        .bind(&new.sealed[..])
        .bind(now)
        .bind(signs_from)
        .execute()
        .await?;
    Ok(())
}

pub(super) async fn delete_ended(tx: &mut Tx, now: Timestamp) -> Result<(), KeyError> {
    let delete = "delete from auth_signing_keys where verifies_until <= $1";
    tx.query(delete).bind(now).execute().await?;
    Ok(())
}

/// Lets every key that has no end verify until `until`.
pub(super) async fn end_at(tx: &mut Tx, until: Timestamp) -> Result<(), KeyError> {
    let update = "update auth_signing_keys set verifies_until = $1 where verifies_until is null";
    tx.query(update).bind(until).execute().await?;
    Ok(())
}

/// Ends the key `kid` at `now`; false if there is none that still verifies.
pub(super) async fn end(tx: &mut Tx, kid: &str, now: Timestamp) -> Result<bool, KeyError> {
    let update = "update auth_signing_keys set verifies_until = $1
         where kid = $2 and (verifies_until is null or verifies_until > $3)";
    let update = tx.query(update).bind(now).bind(kid).bind(now);
    Ok(update.execute().await? > 0)
}

/// Lets the key that has no end sign from `now` on at the latest; false if there is none.
pub(super) async fn begin_at_once(tx: &mut Tx, now: Timestamp) -> Result<bool, KeyError> {
    let early = "update auth_signing_keys set signs_from = $1
         where verifies_until is null and signs_from > $2";
    tx.query(early).bind(now).bind(now).execute().await?;
    any(tx).await
}

//! Sign-ins: listed, and ended.

use purlin_base::Timestamp;
use purlin_sql::{FromRow, SqlError, Tx};
use uuid::Uuid;

use super::{RefreshTokens, secret::Opaque};
use crate::standing::Notice;

/// One sign-in that lasts, for the list that its user sees.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
#[non_exhaustive]
pub struct Family {
    /// What it is revoked by: the `sid` of its access tokens.
    pub id: Uuid,
    /// What the device said it is; not to be trusted.
    pub device: String,
    /// The address it signed in from; empty if that is not known.
    pub address: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl RefreshTokens {
    /// The sign-ins of `user` that last, the latest used first; at most
    /// [`families_max`](super::RefreshBuilder::families_max).
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn list(&self, user: &str) -> Result<Vec<Family>, SqlError> {
        let select = "select id, device, address, created_at, last_used_at, expires_at \
                      from auth_refresh_families \
                      where user_id = $1 and revoked_at is null and expires_at > $2 \
                      order by last_used_at desc, id desc limit $3";
        let read = self.db().read().query(select).bind(user);
        let read = read.bind(self.0.clock.now());
        read.bind(i64::from(self.0.families_max)).fetch_all().await
    }

    /// Ends the sign-in `family` of `user`, with its access tokens. One that has ended already, or
    /// is another user's, changes nothing, and [`Notice::changed`] says so.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; return it from the transaction.
    pub async fn revoke_family(
        &self,
        tx: &mut Tx,
        user: &str,
        family: Uuid,
    ) -> Result<Notice, SqlError> {
        let select = "select id from auth_refresh_families where id = $1 and user_id = $2";
        let row = tx.query(select).bind(family).bind(user);
        match row.fetch_optional::<(Uuid,)>().await? {
            Some(_) => self.end_family(tx, family, self.0.clock.now()).await,
            None => Ok(Notice::default()),
        }
    }

    /// Ends the sign-in that a token is of, spent or not: signs this device out. What is no token
    /// of a sign-in that lasts changes nothing.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; return it from the transaction.
    pub async fn revoke_shown(&self, tx: &mut Tx, shown: &str) -> Result<Notice, SqlError> {
        let Some(token) = Opaque::parse(shown) else {
            return Ok(Notice::default());
        };
        let select = "select family_id from auth_refresh_tokens where key = $1";
        let row = tx.query(select).bind(token.key());
        match row.fetch_optional::<(Uuid,)>().await? {
            Some((family,)) => self.end_family(tx, family, self.0.clock.now()).await,
            None => Ok(Notice::default()),
        }
    }

    /// Whose sign-in a token is of, spent or not; `None` if that has ended, or there is none.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; return it from the transaction.
    pub async fn owner(&self, tx: &mut Tx, shown: &str) -> Result<Option<String>, SqlError> {
        let Some(token) = Opaque::parse(shown) else {
            return Ok(None);
        };
        let select = "select f.user_id from auth_refresh_tokens t \
                      join auth_refresh_families f on f.id = t.family_id \
                      where t.key = $1 and f.revoked_at is null and f.expires_at > $2";
        let row = tx.query(select).bind(token.key()).bind(self.0.clock.now());
        let row = row.fetch_optional::<(String,)>().await?;
        Ok(row.map(|(user,)| user))
    }

    /// Ends every sign-in of `user`, with every access token: those of families, and those that
    /// stand alone.
    ///
    /// A sign-in that begins in the same second lasts.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; return it from the transaction.
    pub async fn revoke_all(&self, tx: &mut Tx, user: &str) -> Result<Notice, SqlError> {
        let now = self.0.clock.now();
        // A family that has just expired may have access tokens still.
        let expired_after = now.saturating_sub(self.0.standing.hold());
        let revoke = "update auth_refresh_families set revoked_at = $1 \
                      where user_id = $2 and revoked_at is null and expires_at > $3 returning id";
        let update = tx.query(revoke).bind(now).bind(user).bind(expired_after);
        let families = update.fetch_all::<(Uuid,)>().await?;
        let families: Vec<Uuid> = families.into_iter().map(|(id,)| id).collect();
        self.0.standing.revoke_user(tx, user, &families).await
    }

    /// Deletes up to `batch` tokens, `batch` families and `batch` rows of the deny-list that have
    /// expired; returns how many in all. Call it now and then, until it returns 0.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; what was deleted before stays deleted.
    pub async fn sweep(&self, batch: u32) -> Result<u64, SqlError> {
        let (now, most) = (self.0.clock.now(), i64::from(batch));
        let tokens = "delete from auth_refresh_tokens where key in \
                      (select key from auth_refresh_tokens where expires_at <= $1 limit $2)";
        // Later than its tokens: a family that has just expired may have access tokens still.
        let families = "delete from auth_refresh_families where id in \
                        (select id from auth_refresh_families where expires_at <= $1 limit $2)";
        let gone = now.saturating_sub(self.0.standing.hold());
        let tokens = self.db().write(tokens).bind(now).bind(most).execute();
        let tokens = tokens.await?;
        let families = self.db().write(families).bind(gone).bind(most).execute();
        Ok(tokens + families.await? + self.0.standing.sweep(batch).await?)
    }

    pub(super) async fn end_family(
        &self,
        tx: &mut Tx,
        family: Uuid,
        now: Timestamp,
    ) -> Result<Notice, SqlError> {
        let revoke = "update auth_refresh_families set revoked_at = $1 \
                      where id = $2 and revoked_at is null";
        let update = tx.query(revoke).bind(now).bind(family);
        match update.execute().await? {
            0 => Ok(Notice::default()),
            _ => self.0.standing.revoke_family(tx, family).await,
        }
    }

    /// Ends what a user has beyond the bound, the longest unused first.
    pub(super) async fn end_beyond_bound(
        &self,
        tx: &mut Tx,
        user: &str,
        now: Timestamp,
    ) -> Result<(), SqlError> {
        let select = "select id from auth_refresh_families \
                      where user_id = $1 and revoked_at is null and expires_at > $2 \
                      order by last_used_at desc, id desc limit 10 offset $3";
        let read = tx.query(select).bind(user).bind(now);
        let beyond = read.bind(i64::from(self.0.families_max)).fetch_all();
        for (family,) in beyond.await? as Vec<(Uuid,)> {
            // It is refused already, and the table says so to everybody: nothing to tell later.
            drop(self.end_family(tx, family, now).await?);
        }
        Ok(())
    }
}

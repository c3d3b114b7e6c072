//! One use of a token: one transaction, in which the family's row is taken first.

use purlin_base::Timestamp;
use purlin_sql::{SqlError, Tx};
use uuid::Uuid;

use super::{
    Redeemed, RefreshError, RefreshTokens,
    secret::{Opaque, salt},
};
use crate::standing::Notice;

/// A family that is alive, and is ours until the transaction ends.
struct Taken {
    family: Uuid,
    user: String,
    expires_at: Timestamp,
}

/// When a token was spent and with which salt; its successor's key, and when that was spent.
type SpentAndNext = (Timestamp, Vec<u8>, Vec<u8>, Option<Timestamp>);

/// What to commit, and what to answer then.
enum Outcome {
    Successor(Redeemed),
    Refused(RefreshError),
    /// The family was revoked: that has to be committed too.
    Reused(RefreshError, Notice),
}

impl RefreshTokens {
    /// Answers a token with its successor, and spends it.
    ///
    /// Shown again within [`grace`](super::RefreshBuilder::grace) of its use, while its successor
    /// is unused, it is answered with the same successor.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]. With [`Reused`](RefreshError::Reused) the family is revoked.
    ///
    /// # Cancel safety
    ///
    /// Dropped: the token is spent or not. Shown again in time it gets the answer that was lost.
    ///
    /// # Source
    ///
    /// RFC 9700 §4.14.2.
    pub async fn redeem(&self, shown: &str) -> Result<Redeemed, RefreshError> {
        let spent = Opaque::parse(shown).ok_or(RefreshError::Malformed)?;
        if self.is_made_up(&spent).await? {
            return Err(RefreshError::Unknown);
        }
        let outcome = self
            .db()
            .transaction(async |tx| self.spend(tx, &spent).await);
        match outcome.await? {
            Outcome::Successor(redeemed) => Ok(redeemed),
            Outcome::Refused(error) => Err(error),
            Outcome::Reused(error, notice) => {
                notice.committed();
                tracing::warn!(%error, "refresh token reuse");
                Err(error)
            }
        }
    }

    /// Whether nobody knows the token, found out without a transaction: on SQLite those wait for
    /// each other, and anybody can make tokens up. A replica may not know a new token yet.
    async fn is_made_up(&self, spent: &Opaque) -> Result<bool, SqlError> {
        if self.db().config().read_url.is_some() {
            return Ok(false);
        }
        let known = "select count(*) from auth_refresh_tokens where key = $1";
        let read = self.db().read().query(known).bind(spent.key());
        Ok(read.fetch_one::<(i64,)>().await? == (0,))
    }

    async fn spend(&self, tx: &mut Tx, spent: &Opaque) -> Result<Outcome, SqlError> {
        let now = self.0.clock.now();
        let Some(taken) = self.take_family(tx, spent, now).await? else {
            return self.refusal(tx, spent, now).await.map(Outcome::Refused);
        };
        let salt = salt(&*self.0.rng);
        let spend = "update auth_refresh_tokens set used_at = $1, salt = $2 \
                     where key = $3 and used_at is null";
        let update = tx.query(spend).bind(now).bind(&salt[..]).bind(spent.key());
        if update.execute().await? == 0 {
            return self.shown_again(tx, spent, taken, now).await;
        }
        let next = self.0.deriver.successor(&salt, spent);
        let parent = Some(spent.key());
        self.keep(tx, &next, taken.family, parent, taken.expires_at)
            .await?;
        Ok(Outcome::Successor(taken.redeemed(&next)))
    }

    /// Locks the family, so that whoever else shows a token of it, or revokes it, comes before or
    /// after.
    async fn take_family(
        &self,
        tx: &mut Tx,
        spent: &Opaque,
        now: Timestamp,
    ) -> Result<Option<Taken>, SqlError> {
        let take = "update auth_refresh_families set last_used_at = $1, uses = uses + 1 \
                    where id = (select family_id from auth_refresh_tokens where key = $2) \
                    and revoked_at is null and expires_at > $3 and uses < $4 \
                    returning id, user_id, expires_at";
        let update = tx.query(take).bind(now).bind(spent.key()).bind(now);
        let row = update.bind(i64::from(self.0.uses_max)).fetch_optional();
        let row: Option<(Uuid, String, Timestamp)> = row.await?;
        Ok(row.map(|(family, user, expires_at)| Taken {
            family,
            user,
            expires_at,
        }))
    }

    async fn refusal(
        &self,
        tx: &mut Tx,
        spent: &Opaque,
        now: Timestamp,
    ) -> Result<RefreshError, SqlError> {
        let look = "select f.revoked_at from auth_refresh_tokens t \
                    join auth_refresh_families f on f.id = t.family_id \
                    where t.key = $1 and f.expires_at > $2";
        let known = "select count(*) from auth_refresh_tokens where key = $1";
        let row = tx.query(look).bind(spent.key()).bind(now);
        match row.fetch_optional::<(Option<Timestamp>,)>().await? {
            Some((Some(_),)) => Ok(RefreshError::Revoked),
            Some((None,)) => Ok(RefreshError::Expired),
            None => match tx.query(known).bind(spent.key()).fetch_one().await? {
                (0_i64,) => Ok(RefreshError::Unknown),
                _ => Ok(RefreshError::Expired),
            },
        }
    }

    /// A spent token: another tab just now, or a copy.
    async fn shown_again(
        &self,
        tx: &mut Tx,
        spent: &Opaque,
        taken: Taken,
        now: Timestamp,
    ) -> Result<Outcome, SqlError> {
        let look = "select t.used_at, t.salt, s.key, s.used_at from auth_refresh_tokens t \
                    join auth_refresh_tokens s on s.parent = t.key where t.key = $1";
        let row = tx.query(look).bind(spent.key()).fetch_optional();
        let row: Option<SpentAndNext> = row.await?;
        if let Some((used_at, salt, key, None)) = row
            && now < used_at.saturating_add(self.0.grace)
        {
            let next = self.0.deriver.successor(&salt, spent);
            // Not so if the secret has changed meanwhile.
            if next.is_known_by(&key) {
                return Ok(Outcome::Successor(taken.redeemed(&next)));
            }
        }
        let notice = self.end_family(tx, taken.family, now).await?;
        let (user, family) = (taken.user, taken.family);
        Ok(Outcome::Reused(
            RefreshError::Reused { user, family },
            notice,
        ))
    }
}

impl Taken {
    fn redeemed(self, next: &Opaque) -> Redeemed {
        Redeemed {
            user: self.user,
            family: self.family,
            token: next.shown(),
            expires_at: self.expires_at,
        }
    }
}

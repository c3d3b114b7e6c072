//! Tokens that are good once: to confirm an address, to set a forgotten password.
//!
//! A token is 256 random bits in a link that is sent to the owner. The database keeps its SHA-256,
//! what it is for, whose it is and until when it is good. It is used by one conditional statement
//! in the caller's transaction, so of two uses at once one wins, and a use whose transaction is
//! rolled back has not happened.
//!
//! How the mail gets to its owner is not decided here, nor who may ask for one.

mod error;
mod purpose;
mod token;

use std::{sync::Arc, time::Duration};

use purlin_base::{
    Timestamp,
    random::{OsRng, Rng, SharedRng},
    time::{Clock, SharedClock, SystemClock},
};
use purlin_sql::{Db, SqlError, Tx};

pub use error::{OneTimeError, OneTimeOptionError};
pub use purpose::Purpose;
pub use token::OneTimeToken;

use crate::owner;

/// The most bytes of what a token is about, 320: an address fits.
pub const ABOUT_BYTES_MAX: usize = 320;

/// In this time at most [`OneTimeTokens::issued_max`] tokens are issued to a user for a purpose.
pub const WINDOW: Duration = Duration::from_secs(60 * 60);

/// How many rows one statement of a sweep deletes.
const SWEPT_MAX: i64 = 1000;

/// Issues tokens that are good once, and takes them.
///
/// There is one for each user and purpose: a new one voids the old. The tables are those of
/// [`MIGRATIONS`](crate::MIGRATIONS).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::one_time::{OneTimeError, OneTimeTokens, Purpose};
/// use purlin_sql::{Db, Tx};
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&purlin_auth::MIGRATIONS).await?;
/// let tokens = OneTimeTokens::new();
/// let reset = Purpose::RESET_PASSWORD;
///
/// let sent = db.transaction(async |tx: &mut Tx| tokens.issue(tx, &reset, "u1", "").await).await?;
/// // … in a mail: https://books.example/reset#{sent.reveal()}
///
/// let set_password = async |tx: &mut Tx| {
///     let redeemed = tokens.redeem(tx, &reset, &sent.reveal()).await?;
///     // … the new hash of the password, and then:
///     Ok::<_, OneTimeError>(redeemed.user)
/// };
/// assert_eq!(db.transaction(set_password).await?, "u1");
/// assert!(db.transaction(set_password).await.is_err()); // Good once.
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OneTimeTokens {
    issued_max: u32,
    clock: SharedClock,
    rng: SharedRng,
}

/// What a token that was used said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// Whose it was.
    pub user: String,
    /// What was said at its issue: for an address to be confirmed, the address. Compare it with
    /// what the user has now: it may have been changed since.
    pub about: String,
}

impl Default for OneTimeTokens {
    fn default() -> Self {
        Self::new()
    }
}

impl OneTimeTokens {
    /// Tokens with the machine's clock and the operating system's chance.
    pub fn new() -> Self {
        Self {
            issued_max: 5,
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        }
    }

    /// How many tokens a user may be issued for one purpose within an hour ([`WINDOW`]): 1 to 100.
    /// Default: 5. It bounds the mails that a stranger can have sent to somebody.
    ///
    /// # Errors
    ///
    /// [`OneTimeOptionError`] when it is out of its bounds.
    pub fn issued_max(mut self, tokens: u32) -> Result<Self, OneTimeOptionError> {
        if !(1..=100).contains(&tokens) {
            return Err(OneTimeOptionError {
                option: "issued_max",
                expected: "1 to 100",
            });
        }
        self.issued_max = tokens;
        Ok(self)
    }

    /// Where time comes from. Default: the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where tokens come from. Default: the operating system. Anything else only in tests.
    #[must_use]
    pub fn rng(mut self, rng: impl Rng) -> Self {
        self.rng = Arc::new(rng);
        self
    }

    /// Issues a token to `user` for `purpose`, and voids the one before it.
    ///
    /// `about` comes back when the token is used; empty if there is nothing to say. Put the mail
    /// into the outbox in the same transaction.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::TooMany`] after [`issued_max`](Self::issued_max) within an hour: send
    /// nothing, and give the same answer as if you had. [`OneTimeError::Owner`] when `user` or
    /// `about` are out of their bounds, [`OneTimeError::Sql`].
    pub async fn issue(
        &self,
        tx: &mut Tx,
        purpose: &Purpose,
        user: &str,
        about: &str,
    ) -> Result<OneTimeToken, OneTimeError> {
        if !owner::is_good(user) || about.len() > ABOUT_BYTES_MAX || about.contains('\0') {
            return Err(OneTimeError::Owner);
        }
        let token = OneTimeToken::new(&*self.rng);
        let now = self.clock.now();
        let upsert = "insert into auth_one_time_tokens as was (user_id, purpose, key, about, \
             created_at, expires_at, used_at, issued, window_ends_at) \
             values ($1, $2, $3, $4, $5, $6, null, 1, $7) \
             on conflict (user_id, purpose) do update set key = excluded.key, \
             about = excluded.about, created_at = excluded.created_at, \
             expires_at = excluded.expires_at, used_at = null, \
             issued = case when was.window_ends_at <= excluded.created_at \
                 then 1 else was.issued + 1 end, \
             window_ends_at = case when was.window_ends_at <= excluded.created_at \
                 then excluded.window_ends_at else was.window_ends_at end \
             where was.window_ends_at <= excluded.created_at or was.issued < $8";
        let written = tx
            .query(upsert)
            .bind(user)
            .bind(purpose.name())
            .bind(token.key())
            .bind(about)
            .bind(now)
            .bind(now.saturating_add(purpose.lifetime()))
            .bind(now.saturating_add(WINDOW))
            .bind(self.issued_max)
            .execute()
            .await?;
        if written == 0 {
            return Err(OneTimeError::TooMany);
        }
        Ok(token)
    }

    /// Uses the token that somebody `shown`, in the transaction of what it allows.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Invalid`] for a token that never was, is of another purpose, was used, was
    /// voided or has expired: which of these is not told. [`OneTimeError::Sql`].
    pub async fn redeem(
        &self,
        tx: &mut Tx,
        purpose: &Purpose,
        shown: &str,
    ) -> Result<Redeemed, OneTimeError> {
        let token = OneTimeToken::parse(shown).ok_or(OneTimeError::Invalid)?;
        let update = "update auth_one_time_tokens set used_at = $3 \
             where key = $1 and purpose = $2 and used_at is null and expires_at > $3 \
             returning user_id, about";
        let used = tx
            .query(update)
            .bind(token.key())
            .bind(purpose.name())
            .bind(self.clock.now());
        let used = used.fetch_optional::<(String, String)>().await?;
        let (user, about) = used.ok_or(OneTimeError::Invalid)?;
        Ok(Redeemed { user, about })
    }

    /// What the token that somebody `shown` says, if it could be used now, without using it: for a
    /// page that says so before a form is filled in, or before work that costs. Only
    /// [`redeem`](Self::redeem) decides; a replica may answer for a moment that is past.
    ///
    /// # Errors
    ///
    /// Those of [`redeem`](Self::redeem).
    ///
    /// # Cancel safety
    ///
    /// Nothing is written.
    pub async fn peek(
        &self,
        db: &Db,
        purpose: &Purpose,
        shown: &str,
    ) -> Result<Redeemed, OneTimeError> {
        let token = OneTimeToken::parse(shown).ok_or(OneTimeError::Invalid)?;
        let find = "select user_id, about from auth_one_time_tokens \
             where key = $1 and purpose = $2 and used_at is null and expires_at > $3";
        let find = db.read().query(find).bind(token.key());
        let find = find.bind(purpose.name()).bind(self.clock.now());
        let found = find.fetch_optional::<(String, String)>().await?;
        let (user, about) = found.ok_or(OneTimeError::Invalid)?;
        Ok(Redeemed { user, about })
    }

    /// Voids every token of `user`: when the password or the address was changed, or the account
    /// closed. Returns how many were good until now.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Sql`].
    pub async fn void_all(&self, tx: &mut Tx, user: &str) -> Result<u64, OneTimeError> {
        let update = "update auth_one_time_tokens set used_at = $2 \
             where user_id = $1 and used_at is null and expires_at > $2";
        let update = tx.query(update).bind(user).bind(self.clock.now());
        Ok(update.execute().await?)
    }

    /// Deletes tokens that can no longer be used and count for nothing. Returns how many. Call it
    /// now and then: once a day is enough.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Sql`]; what was deleted before stays deleted.
    ///
    /// # Cancel safety
    ///
    /// Dropped: the rows of the statements that have run are gone, the others stay.
    pub async fn sweep(&self, db: &Db) -> Result<u64, OneTimeError> {
        let now = self.clock.now();
        let mut swept = 0;
        loop {
            let some = sweep_some(db, now).await?;
            swept += some;
            if some < SWEPT_MAX as u64 {
                return Ok(swept);
            }
        }
    }
}

async fn sweep_some(db: &Db, now: Timestamp) -> Result<u64, SqlError> {
    let delete = "delete from auth_one_time_tokens where key in (\
         select key from auth_one_time_tokens \
         where expires_at <= $1 and window_ends_at <= $1 limit $2)";
    db.write(delete).bind(now).bind(SWEPT_MAX).execute().await
}

impl std::fmt::Debug for OneTimeTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeTokens")
            .field("issued_max", &self.issued_max)
            .finish_non_exhaustive()
    }
}

//! Makes one-time tokens and takes them back.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_base::{
    Timestamp,
    random::{OsRng, SharedRng},
    time::{SharedClock, SystemClock},
};
use purlin_sql::{Db, Query, Tx};
use sha2::{Digest, Sha256};

use super::{OneTimeError, Purpose};
use crate::sweep::unlocked_only;

/// The longest name of a user, in bytes.
pub const USER_BYTES_MAX: usize = 128;

/// The longest text that a token is about, in bytes: an address fits.
pub const ABOUT_BYTES_MAX: usize = 320;

/// How many expired tokens one [sweep](OneTimeTokens::sweep) clears away.
const SWEPT_MAX: i64 = 1_000;

const TOKEN_CHARS: usize = 43;

/// Makes one-time tokens and takes them back, in the table of [`MIGRATIONS`](crate::MIGRATIONS).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::{MIGRATIONS, one_time::{OneTimeError, OneTimeTokens, Purpose}};
/// use purlin_sql::Db;
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&MIGRATIONS).await?;
/// let tokens = OneTimeTokens::new();
///
/// let issued = db
///     .transaction(async |tx| {
///         // … and in the same transaction the mail that holds it.
///         tokens.issue(tx, Purpose::RESET_PASSWORD, "user-7", "ada@example.org").await
///     })
///     .await?;
///
/// let redeem = async |token: &str| {
///     db.transaction(async |tx| {
///         let redeemed = tokens.redeem(tx, Purpose::RESET_PASSWORD, token).await?;
///         // … and in the same transaction the new password of `redeemed.user`.
///         Ok::<_, OneTimeError>(redeemed)
///     })
///     .await
/// };
/// assert_eq!(redeem(&issued.token).await?.user, "user-7");
/// assert!(matches!(redeem(&issued.token).await, Err(OneTimeError::Invalid)));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OneTimeTokens {
    clock: SharedClock,
    rng: SharedRng,
}

/// A token that was made. It is shown once, to its user, and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedOneTimeToken {
    /// What the mail holds: 43 characters of base64url.
    pub token: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What a token was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// The user that it was made for.
    pub user: String,
    /// What it was about: compare it with what is so now. An address that was confirmed must still
    /// be the user's.
    pub about: String,
}

impl Default for OneTimeTokens {
    fn default() -> Self {
        Self::new()
    }
}

impl OneTimeTokens {
    /// By the machine's clock, of the operating system's chance.
    pub fn new() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        }
    }

    /// Where the time comes from. Default: the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Where the chance comes from. Default: the operating system's.
    #[must_use]
    pub fn rng(mut self, rng: SharedRng) -> Self {
        self.rng = rng;
        self
    }

    /// Makes a token for `user`, of 1 to [`USER_BYTES_MAX`] bytes; one that was made before for the
    /// same purpose is good no longer. `about` may say what it is about, and is handed back.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Bounds`], [`OneTimeError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn issue(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        user: &str,
        about: &str,
    ) -> Result<IssuedOneTimeToken, OneTimeError> {
        if user.is_empty() || user.len() > USER_BYTES_MAX || about.len() > ABOUT_BYTES_MAX {
            return Err(OneTimeError::Bounds);
        }
        let mut bytes = [0; 32];
        self.rng.fill(&mut bytes);
        let (now, token) = (self.clock.now(), URL_SAFE_NO_PAD.encode(bytes));
        let expires_at = now.saturating_add(purpose.ttl());
        let put = "insert into auth_one_time
                 (user_id, purpose, token_hash, about, created_at, expires_at, used_at)
             values ($1, $2, $3, $4, $5, $6, null)
             on conflict (user_id, purpose) do update set
                 token_hash = excluded.token_hash, about = excluded.about,
                 created_at = excluded.created_at, expires_at = excluded.expires_at,
                 used_at = null";
        tx.query(put)
            .bind(user)
            .bind(purpose.name())
            .bind(hash(&token))
            .bind(about)
            .bind(now)
            .bind(expires_at)
            .execute()
            .await?;
        Ok(IssuedOneTimeToken { token, expires_at })
    }

    /// Spends `token` in the transaction of what it allows.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Invalid`] if it is none that is good; [`OneTimeError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction: rolled back, it has spent nothing.
    pub async fn redeem(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        token: &str,
    ) -> Result<Redeemed, OneTimeError> {
        // What cannot be a token costs neither a hash nor a statement, however long it is.
        if token.len() != TOKEN_CHARS {
            return Err(OneTimeError::Invalid);
        }
        let now = self.clock.now();
        // Found by its hash: how far two hashes agree tells nothing about a token.
        let spend = "update auth_one_time set used_at = $1
             where token_hash = $2 and purpose = $3 and used_at is null and expires_at > $4
             returning user_id, about";
        let spent = tx
            .query(spend)
            .bind(now)
            .bind(hash(token))
            .bind(purpose.name())
            .bind(now)
            .fetch_optional::<(String, String)>()
            .await?;
        let (user, about) = spent.ok_or(OneTimeError::Invalid)?;
        Ok(Redeemed { user, about })
    }

    /// Puts out every token of `user`, of whatever purpose: after the address or the password has
    /// changed. Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn void(&self, tx: &mut Tx, user: &str) -> Result<u64, OneTimeError> {
        let void = "delete from auth_one_time where user_id = $1";
        Ok(tx.query(void).bind(user).execute().await?)
    }

    /// Clears away expired tokens, at most 1000, and returns how many there were. It need not run
    /// often: there is one row for each user and purpose at most. Any number of processes may do it
    /// at once.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have cleared them or not.
    pub async fn sweep(&self, db: &Db) -> Result<u64, OneTimeError> {
        let expired = Query::new(
            "delete from auth_one_time where token_hash in (
                 select token_hash from auth_one_time where expires_at <= $1
                 order by expires_at limit $2",
        );
        let sweep = expired
            .bind(self.clock.now())
            .bind(SWEPT_MAX)
            .push(unlocked_only(db))
            .push(")");
        Ok(db.write(sweep).execute().await?)
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

impl fmt::Debug for OneTimeTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneTimeTokens").finish_non_exhaustive()
    }
}

/// Without the token.
impl fmt::Debug for IssuedOneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedOneTimeToken")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

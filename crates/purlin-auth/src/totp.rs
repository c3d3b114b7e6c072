//! A second factor: codes that change every half minute, and recovery codes.
//!
//! The secret is sealed in the database under a key of the application's. A code is taken once:
//! the half minute of the last code is remembered, and only later ones are taken. Every step is a
//! conditional statement in the caller's transaction, so of two uses of one code one wins.
//!
//! How often somebody may try is not decided here: six digits need a limit on the route, by
//! account.

mod base32;
mod code;
mod enrolment;
mod error;
mod keys;
mod recovery;

use std::{sync::Arc, time::Duration};

use purlin_base::{
    Timestamp,
    random::{OsRng, Rng, SharedRng},
    time::{Clock, SharedClock, SystemClock},
};
use purlin_sql::{Db, Tx};

pub use enrolment::Enrolment;
pub use error::TotpError;
pub use recovery::{RECOVERY_CODES, RecoveryCodes};

use crate::owner;
use keys::Keys;

/// The fewest bytes of the secret that others are sealed under, 32.
pub const SECRET_BYTES_MIN: usize = 32;

/// How long an enrolment that was begun waits for its first code before it is swept away, a day.
pub const ENROLMENT_WAITS: Duration = Duration::from_secs(24 * 60 * 60);

/// Enrols users in a second factor, and checks it.
///
/// SHA-1, six digits, half a minute, one step before and after: what every authenticator app
/// takes. The tables are those of [`MIGRATIONS`](crate::MIGRATIONS).
///
/// # Source
///
/// RFC 6238; that a code is taken once is its section 5.2.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::totp::{Totp, TotpError};
/// use purlin_sql::{Db, Tx};
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&purlin_auth::MIGRATIONS).await?;
/// let totp = Totp::new("Bookshop", b"at least thirty-two bytes of secret")?;
///
/// let begin = async |tx: &mut Tx| totp.enrol(tx, "u1", "ann@books.example").await;
/// let enrolment = db.transaction(begin).await?; // Show `enrolment.uri()` as a QR code.
/// assert!(!totp.is_enrolled(&db, "u1").await?); // Not before the first code.
///
/// let confirm = async |tx: &mut Tx| totp.confirm(tx, "u1", "no code").await;
/// assert!(matches!(db.transaction(confirm).await, Err(TotpError::Wrong)));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Totp {
    issuer: String,
    keys: Arc<Keys>,
    clock: SharedClock,
    rng: SharedRng,
}

impl Totp {
    /// Second factors that apps list under `issuer`, sealed under `secret`, with the machine's
    /// clock and the operating system's chance. The secret may be shared with other uses: the
    /// keys are derived from it.
    ///
    /// # Errors
    ///
    /// [`TotpError::Option`] when `issuer` is not 1 to 64 characters without `:` and control
    /// characters, or `secret` has fewer than [`SECRET_BYTES_MIN`] bytes.
    pub fn new(issuer: &str, secret: &[u8]) -> Result<Self, TotpError> {
        let is_named = (1..=64).contains(&issuer.chars().count());
        if !is_named || issuer.contains(|c: char| c == ':' || c.is_control()) {
            return Err(TotpError::Option {
                option: "issuer",
                expected: "1 to 64 characters without `:`",
            });
        }
        let long = secret.len() >= SECRET_BYTES_MIN;
        let keys = long.then(|| Keys::new(secret)).flatten();
        let keys = keys.ok_or(TotpError::Option {
            option: "secret",
            expected: "at least 32 bytes",
        })?;
        Ok(Self {
            issuer: issuer.to_owned(),
            keys: Arc::new(keys),
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        })
    }

    /// Where time comes from. Default: the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where secrets come from. Default: the operating system. Anything else only in tests.
    #[must_use]
    pub fn rng(mut self, rng: impl Rng) -> Self {
        self.rng = Arc::new(rng);
        self
    }

    /// Begins an enrolment: makes a secret for `user`, to be put into an app. One that was begun
    /// and not confirmed is replaced. `account` is what the app shows, such as the address: cut
    /// after 128 characters.
    ///
    /// Ask for the password once more before: who finds a browser open must not set this.
    ///
    /// # Errors
    ///
    /// [`TotpError::Enrolled`] when the user has a second factor, [`TotpError::Owner`],
    /// [`TotpError::Sql`].
    pub async fn enrol(
        &self,
        tx: &mut Tx,
        user: &str,
        account: &str,
    ) -> Result<Enrolment, TotpError> {
        if !owner::is_good(user) {
            return Err(TotpError::Owner);
        }
        let mut secret = [0; code::SECRET_BYTES];
        self.rng.fill(&mut secret);
        let sealed = self.keys.close(&*self.rng, user, &secret);
        let upsert = "insert into auth_totp as was \
             (user_id, sealed, last_step, created_at, confirmed_at) values ($1, $2, 0, $3, null) \
             on conflict (user_id) do update set sealed = excluded.sealed, last_step = 0, \
             created_at = excluded.created_at where was.confirmed_at is null";
        let written = tx
            .query(upsert)
            .bind(user)
            .bind(sealed.ok_or(TotpError::Seal)?)
            .bind(self.clock.now())
            .execute()
            .await?;
        if written == 0 {
            return Err(TotpError::Enrolled);
        }
        Ok(Enrolment::new(&self.issuer, account, &secret))
    }

    /// Ends an enrolment by a first code of the app: from now on the user has a second factor.
    /// Returns the recovery codes, which are shown once.
    ///
    /// # Errors
    ///
    /// [`TotpError::Wrong`] for a wrong code or where no enrolment was begun,
    /// [`TotpError::Enrolled`] when it was ended before, [`TotpError::Seal`] when the secret was
    /// sealed under another key, [`TotpError::Sql`].
    pub async fn confirm(
        &self,
        tx: &mut Tx,
        user: &str,
        code: &str,
    ) -> Result<RecoveryCodes, TotpError> {
        let begun = self.find(tx, user).await?.ok_or(TotpError::Wrong)?;
        if begun.is_confirmed {
            return Err(TotpError::Enrolled);
        }
        let now = self.clock.now();
        let step = code::step_of(&begun.secret, code, now, begun.last_step);
        let update = "update auth_totp set confirmed_at = $2, last_step = $3 \
             where user_id = $1 and confirmed_at is null and sealed = $4";
        let update = tx.query(update).bind(user).bind(now);
        let update = update.bind(step.ok_or(TotpError::Wrong)?);
        if update.bind(begun.sealed).execute().await? == 0 {
            return Err(TotpError::Wrong);
        }
        self.new_recovery_codes(tx, user).await
    }

    /// Takes a code of the user's app, once.
    ///
    /// # Errors
    ///
    /// [`TotpError::Wrong`] for a wrong code, one that was taken before or is older than one that
    /// was, and for a user without a second factor. [`TotpError::Seal`] when the secret was sealed
    /// under another key, [`TotpError::Sql`].
    pub async fn verify(&self, tx: &mut Tx, user: &str, code: &str) -> Result<(), TotpError> {
        let factor = self.find(tx, user).await?.ok_or(TotpError::Wrong)?;
        if !factor.is_confirmed {
            return Err(TotpError::Wrong);
        }
        let step = code::step_of(&factor.secret, code, self.clock.now(), factor.last_step);
        let update = "update auth_totp set last_step = $2 \
             where user_id = $1 and confirmed_at is not null and last_step < $2 and sealed = $3";
        let update = tx.query(update).bind(user);
        let update = update.bind(step.ok_or(TotpError::Wrong)?);
        if update.bind(factor.sealed).execute().await? == 0 {
            return Err(TotpError::Wrong);
        }
        Ok(())
    }

    /// Whether `user` has a second factor, as was last committed.
    ///
    /// # Errors
    ///
    /// [`TotpError::Sql`].
    pub async fn is_enrolled(&self, db: &Db, user: &str) -> Result<bool, TotpError> {
        let find = "select 1 from auth_totp where user_id = $1 and confirmed_at is not null";
        let found = db.read().query(find).bind(user);
        Ok(found.fetch_optional::<(i64,)>().await?.is_some())
    }

    /// Takes the second factor of `user` away, with its recovery codes; whether there was one.
    ///
    /// # Errors
    ///
    /// [`TotpError::Sql`].
    pub async fn remove(&self, tx: &mut Tx, user: &str) -> Result<bool, TotpError> {
        let delete = "delete from auth_totp where user_id = $1";
        let removed = tx.query(delete).bind(user).execute().await?;
        recovery::remove_all(tx, user).await?;
        Ok(removed > 0)
    }
}

/// Deletes up to `batch` enrolments that were begun [`ENROLMENT_WAITS`] before `now` and not
/// confirmed; returns how many. Call it now and then. It opens no secret, and so needs no [`Totp`].
///
/// # Errors
///
/// [`TotpError::Sql`]; nothing was deleted.
pub async fn sweep(db: &Db, now: Timestamp, batch: u32) -> Result<u64, TotpError> {
    let before = now.saturating_sub(ENROLMENT_WAITS);
    // Asked twice: one that is confirmed or begun anew meanwhile stays.
    let delete = "delete from auth_totp where confirmed_at is null and created_at <= $1 \
         and user_id in (select user_id from auth_totp \
         where confirmed_at is null and created_at <= $1 limit $2)";
    let delete = db.write(delete).bind(before).bind(i64::from(batch));
    Ok(delete.execute().await?)
}

impl std::fmt::Debug for Totp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Totp")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

//! Enrols, confirms and checks second factors.

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{
    random::{OsRng, SharedRng},
    time::{SharedClock, SystemClock},
};
use purlin_sql::{Db, Tx};

use super::{
    RecoveryCodes, TotpError,
    code::{DIGITS, STEP_SECONDS, Secret},
    recovery, rows,
    text::{base32, encoded},
};
use crate::seal::{Seal, derive};

/// The longest name of a user, in bytes.
pub const USER_BYTES_MAX: usize = 128;

/// How long an enrolment waits for its first code: 15 minutes.
pub const ENROLMENT_TTL: Duration = Duration::from_secs(15 * 60);

const SECRET_BYTES_MIN: usize = 32;
const ISSUER_BYTES_MAX: usize = 64;

/// Never changed: what is in the database depends on them.
const SEAL_PURPOSE: &[u8] = b"purlin-auth second factors v1";
const RECOVERY_PURPOSE: &[u8] = b"purlin-auth recovery codes v1";

/// Second factors, in the tables of [`MIGRATIONS`](crate::MIGRATIONS). Cheap to clone.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::{MIGRATIONS, totp::{Totp, TotpError}};
/// use purlin_sql::Db;
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&MIGRATIONS).await?;
///
/// let secret = b"at least thirty-two bytes of chance"; // APP_SECRET
/// let totp = Totp::new(secret, "Bookshop")?;
/// let enrolment = db
///     .transaction(async |tx| totp.enrol(tx, "user-7", "ada@example.org").await)
///     .await?;
/// assert!(enrolment.uri().starts_with("otpauth://totp/Bookshop:ada%40example.org?secret="));
///
/// let guess = db.transaction(async |tx| totp.confirm(tx, "user-7", "no code").await).await;
/// assert!(matches!(guess, Err(TotpError::Wrong)));
/// assert!(!totp.is_enrolled(&db, "user-7").await?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Totp(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    seal: Arc<Seal>,
    recovery_key: [u8; 32],
    issuer: String,
    clock: SharedClock,
    rng: SharedRng,
}

/// What an authenticator app needs, to be shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    secret: String,
    uri: String,
}

impl Enrolment {
    /// The secret in Base32, to be typed in. Never for logs.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The `otpauth://` address, for a QR code. It holds the secret: never for logs.
    pub fn uri(&self) -> &str {
        &self.uri
    }
}

/// Which proof was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A code of the app.
    Code,
    /// A recovery code, of which so many are left.
    Recovery {
        /// Codes that are still good.
        left: u32,
    },
}

impl Totp {
    /// Second factors sealed under `secret`, at least 32 bytes of chance and the same in every
    /// process. Apps show `issuer`: 1 to 64 bytes, without a colon.
    ///
    /// # Errors
    ///
    /// [`TotpError::Option`].
    pub fn new(secret: &[u8], issuer: &str) -> Result<Self, TotpError> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(TotpError::Option {
                option: "secret",
                expected: "at least 32 bytes",
            });
        }
        if issuer.is_empty() || issuer.len() > ISSUER_BYTES_MAX || issuer.contains(':') {
            return Err(TotpError::Option {
                option: "issuer",
                expected: "1 to 64 bytes, without a colon",
            });
        }
        Ok(Self(Arc::new(Inner {
            seal: Arc::new(Seal::new(secret, SEAL_PURPOSE).ok_or(TotpError::Secret)?),
            recovery_key: derive(secret, RECOVERY_PURPOSE).ok_or(TotpError::Secret)?,
            issuer: issuer.to_owned(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        })))
    }

    /// Where the time comes from. Default: the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: SharedClock) -> Self {
        Arc::make_mut(&mut self.0).clock = clock;
        self
    }

    /// Where the chance comes from. Default: the operating system's.
    #[must_use]
    pub fn rng(mut self, rng: SharedRng) -> Self {
        Arc::make_mut(&mut self.0).rng = rng;
        self
    }

    /// Makes a secret for `user`, which is no factor until it is [confirmed](Self::confirm) within
    /// [`ENROLMENT_TTL`]; one that waits for that is replaced. The app shows `account`, mostly the
    /// user's address.
    ///
    /// Ask for the password before: whoever finds an open browser must not lock its owner out.
    ///
    /// # Errors
    ///
    /// [`TotpError::Enrolled`], [`TotpError::Option`], [`TotpError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn enrol(
        &self,
        tx: &mut Tx,
        user: &str,
        account: &str,
    ) -> Result<Enrolment, TotpError> {
        if user.is_empty() || user.len() > USER_BYTES_MAX {
            return Err(TotpError::user());
        }
        let inner = &*self.0;
        let secret = Secret::new(&*inner.rng);
        let sealed = inner
            .seal
            .close(&*inner.rng, user.as_bytes(), secret.bytes().to_vec());
        let sealed = sealed.ok_or(TotpError::Secret)?;
        if !rows::put(tx, user, sealed, inner.clock.now()).await? {
            return Err(TotpError::Enrolled);
        }
        Ok(self.enrolment(&secret, account))
    }

    fn enrolment(&self, secret: &Secret, account: &str) -> Enrolment {
        let (secret, issuer) = (base32(secret.bytes()), encoded(&self.0.issuer));
        let account = encoded(account);
        let uri = format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1\
             &digits={DIGITS}&period={STEP_SECONDS}"
        );
        Enrolment { secret, uri }
    }

    /// Makes the secret of `user` a factor, since the app has shown a first `code`, and returns the
    /// recovery codes. The code is used up by that.
    ///
    /// # Errors
    ///
    /// [`TotpError::Wrong`]; [`TotpError::NotEnrolled`] if nothing waits for a code;
    /// [`TotpError::Enrolled`]; [`TotpError::Secret`], [`TotpError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn confirm(
        &self,
        tx: &mut Tx,
        user: &str,
        code: &str,
    ) -> Result<RecoveryCodes, TotpError> {
        let now = self.0.clock.now();
        let kept = rows::find(tx, user).await?.ok_or(TotpError::NotEnrolled)?;
        if kept.is_confirmed {
            return Err(TotpError::Enrolled);
        }
        if now >= kept.created_at.saturating_add(ENROLMENT_TTL) {
            return Err(TotpError::NotEnrolled);
        }
        let step = self.open(user, &kept)?.step_of(code, now, kept.last_step)?;
        let step = step.ok_or(TotpError::Wrong)?;
        if !rows::confirm(tx, user, &kept.sealed, step, now).await? {
            return Err(TotpError::Wrong);
        }
        self.write_recovery(tx, user).await
    }

    /// Whether `user` has a second factor that was confirmed, and so must show it.
    ///
    /// # Errors
    ///
    /// [`TotpError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn is_enrolled(&self, db: &Db, user: &str) -> Result<bool, TotpError> {
        rows::is_confirmed(db, user).await
    }

    /// Spends what `user` shows: a code of the app, or a recovery code. Hyphens, blanks and case of
    /// a recovery code do not matter.
    ///
    /// # Errors
    ///
    /// [`TotpError::Wrong`], also for what was used already; [`TotpError::NotEnrolled`];
    /// [`TotpError::Secret`], [`TotpError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction: rolled back, it has spent nothing.
    pub async fn verify(&self, tx: &mut Tx, user: &str, shown: &str) -> Result<Factor, TotpError> {
        let kept = rows::find(tx, user).await?;
        let kept = kept.filter(|kept| kept.is_confirmed);
        let kept = kept.ok_or(TotpError::NotEnrolled)?;
        if let Some(code) = recovery::plain(shown) {
            return self.spend_recovery(tx, user, &code).await;
        }
        let now = self.0.clock.now();
        let step = self
            .open(user, &kept)?
            .step_of(shown, now, kept.last_step)?;
        let step = step.ok_or(TotpError::Wrong)?;
        match rows::spend_step(tx, user, &kept.sealed, step).await? {
            true => Ok(Factor::Code),
            false => Err(TotpError::Wrong),
        }
    }

    async fn spend_recovery(
        &self,
        tx: &mut Tx,
        user: &str,
        code: &str,
    ) -> Result<Factor, TotpError> {
        let hash = recovery::hash(&self.0.recovery_key, user, code)?;
        if !rows::spend_recovery(tx, user, hash, self.0.clock.now()).await? {
            return Err(TotpError::Wrong);
        }
        let left = rows::recovery_left(tx, user).await?;
        Ok(Factor::Recovery { left })
    }

    /// Makes new recovery codes for `user`; the old ones are good no longer.
    ///
    /// # Errors
    ///
    /// [`TotpError::NotEnrolled`], [`TotpError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn renew_recovery(
        &self,
        tx: &mut Tx,
        user: &str,
    ) -> Result<RecoveryCodes, TotpError> {
        match rows::lock(tx, user).await? {
            true => self.write_recovery(tx, user).await,
            false => Err(TotpError::NotEnrolled),
        }
    }

    /// Takes the second factor of `user` away, with its recovery codes; false if there was none.
    /// Ask for it once more before.
    ///
    /// # Errors
    ///
    /// [`TotpError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn remove(&self, tx: &mut Tx, user: &str) -> Result<bool, TotpError> {
        rows::remove(tx, user).await
    }

    async fn write_recovery(&self, tx: &mut Tx, user: &str) -> Result<RecoveryCodes, TotpError> {
        let codes = RecoveryCodes::new(&*self.0.rng);
        let hash = |code: &String| {
            let code = recovery::plain(code).ok_or(TotpError::Secret)?;
            recovery::hash(&self.0.recovery_key, user, &code)
        };
        let hashes = codes.reveal().iter().map(hash).collect::<Result<_, _>>()?;
        rows::replace_recovery(tx, user, hashes).await?;
        Ok(codes)
    }

    fn open(&self, user: &str, kept: &rows::Kept) -> Result<Secret, TotpError> {
        let mut bytes = self
            .0
            .seal
            .open(user.as_bytes(), &kept.sealed)
            .ok_or(TotpError::Secret)?;
        let secret = Secret::from_bytes(&bytes).ok_or(TotpError::Secret);
        bytes.fill(0);
        secret
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp")
            .field("issuer", &self.0.issuer)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment(hidden)")
    }
}

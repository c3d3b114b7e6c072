//! Signing keys in the database: made once, sealed, shared by every process, and changed in time.
//!
//! The life of a key, on the clock of whoever writes it:
//!
//! ```text
//! published        signs            next one signs          its last token has expired
//!     │── publish_ahead ──│────────────────│── token_ttl + publish_ahead ──│ gone
//! ```
//!
//! Every change takes the one row of `auth_signing_keys_version` first, so changes come one after
//! the other on both engines, and raises its number, by which other processes see that they have
//! something to read.

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use purlin_base::{Timestamp, random::SharedRng, time::SharedClock};
use purlin_sql::{Db, Tx};
use tokio::sync::Mutex;

use super::{
    Algorithm, KeyError, KeyRing,
    key::{Private, private},
};

mod builder;
mod rows;
mod seal;

pub use builder::SigningKeysBuilder;

use builder::Options;
use rows::NewKey;
use seal::Seal;

/// At most one reading of the keys in this time is caused by tokens that name unknown keys.
const MISS_INTERVAL: Duration = Duration::from_secs(1);

/// The signing keys of every process on one database. Cheap to clone; clones share the keys.
///
/// The private part of each key is sealed under the secret of the application. The tables are
/// those of [`MIGRATIONS`](crate::MIGRATIONS).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::{MIGRATIONS, token::{AccessTokens, SigningKeys}};
/// use purlin_base::Principal;
/// use purlin_sql::Db;
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&MIGRATIONS).await?;
///
/// let secret = b"at least thirty-two bytes of chance"; // APP_SECRET
/// let keys = SigningKeys::builder(db, secret).open().await?;
/// let tokens = AccessTokens::builder("https://shop.example", "shop", keys.ring()).build()?;
/// purlin_runtime::spawn(keys.clone().keep_fresh());
///
/// let issued = tokens.issue(&Principal::new("user-7", ["reader"]), None)?;
/// keys.rotate().await?;
/// assert!(tokens.verify(&issued.token).is_ok()); // The old key verifies what it has signed.
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SigningKeys(Arc<Inner>);

struct Inner {
    db: Db,
    seal: Seal,
    options: Options,
    clock: SharedClock,
    rng: SharedRng,
    ring: KeyRing,
    /// The version of the keys in the ring. Held while they are read, so that they never go back.
    loaded: Mutex<Option<i64>>,
    last_miss: StdMutex<Option<Duration>>,
}

impl SigningKeys {
    /// Begins to describe the keys in `db`, sealed under `secret`: at least 32 bytes of chance,
    /// the same in every process.
    pub fn builder(db: Db, secret: &[u8]) -> SigningKeysBuilder {
        SigningKeysBuilder::new(db, secret)
    }

    /// The keys, for [`AccessTokens`](super::AccessTokens); they stay as the database says as long
    /// as they are [kept fresh](Self::keep_fresh).
    pub fn ring(&self) -> KeyRing {
        self.0.ring.clone()
    }

    /// Publishes a new key, which signs once `publish_ahead` has passed; the old one verifies until
    /// its last token has expired. Keys that are done for are deleted. Returns the name of the new
    /// key.
    ///
    /// If one is published already and does not sign yet, nothing is done and its name returned: it
    /// does no harm if every process rotates at the same time.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ring`] with 16 keys still in use; [`KeyError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have rotated or not.
    pub async fn rotate(&self) -> Result<String, KeyError> {
        let new = self.make().await?;
        let inner = &*self.0;
        let now = inner.clock.now();
        let (ahead, tail) = (inner.options.publish_ahead, inner.options.tail());
        let kid = inner
            .db
            .transaction(async |tx| {
                rows::lock(tx).await?;
                if let Some(waiting) = rows::waiting(tx, now).await? {
                    return Ok(waiting);
                }
                rows::delete_ended(tx, now).await?;
                let turn = now.saturating_add(ahead);
                rows::end_at(tx, turn.saturating_add(tail)).await?;
                self.add(tx, &new, now, turn).await?;
                Ok::<_, KeyError>(new.kid.clone())
            })
            .await?;
        self.refresh().await?;
        Ok(kid)
    }

    /// Takes the key `kid` out of use at once, because it has leaked: every token that it signed is
    /// refused from now on here, and in other processes once they are fresh. Another key signs from
    /// now on, a new one if there is none.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unknown`] if there is no such key; [`KeyError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have retired the key or not.
    pub async fn retire(&self, kid: &str) -> Result<(), KeyError> {
        let new = self.make().await?;
        let inner = &*self.0;
        let now = inner.clock.now();
        inner
            .db
            .transaction(async |tx| {
                rows::lock(tx).await?;
                if !rows::end(tx, kid, now).await? {
                    return Err(KeyError::Unknown);
                }
                if rows::begin_at_once(tx, now).await? {
                    return Ok(());
                }
                rows::delete_ended(tx, now).await?;
                self.add(tx, &new, now, now).await
            })
            .await?;
        self.refresh().await?;
        Ok(())
    }

    /// Reads the keys again if they have changed, and says whether they had. That nothing has
    /// changed costs one small read.
    ///
    /// # Errors
    ///
    /// [`KeyError::Sql`], [`KeyError::WrongSecret`]; the keys are then as before.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it leaves the keys as they were.
    pub async fn refresh(&self) -> Result<bool, KeyError> {
        let mut loaded = self.0.loaded.lock().await;
        // The version first: if the keys change in between, the next refresh reads them again.
        let version = rows::version(&self.0.db).await?;
        if *loaded == Some(version) {
            return Ok(false);
        }
        let keys = rows::load(&self.0.db, &self.0.seal, self.0.clock.now()).await?;
        self.0.ring.keep(keys)?;
        *loaded = Some(version);
        Ok(true)
    }

    /// Refreshes in every `refresh_interval`, and soon after a token has named a key that is not
    /// known. Never ends: run it beside the program, by `purlin_runtime::spawn`. Failures are
    /// logged.
    ///
    /// # Cancel safety
    ///
    /// Drop it to stop it.
    pub async fn keep_fresh(self) -> Infallible {
        loop {
            tokio::select! {
                () = self.0.clock.sleep(self.0.options.refresh_interval) => self.try_refresh().await,
                () = self.0.ring.missed() => {
                    self.refresh_after_miss().await;
                    // Whoever invents names of keys does not make this loop busy.
                    self.0.clock.sleep(MISS_INTERVAL).await;
                }
            }
        }
    }

    /// Refreshes, if that was not done for the same reason within a second; else waits for the
    /// refresh that is under way, if one is.
    pub(super) async fn refresh_after_miss(&self) {
        if self.may_refresh_after_miss() {
            self.try_refresh().await;
        } else {
            drop(self.0.loaded.lock().await);
        }
    }

    fn may_refresh_after_miss(&self) -> bool {
        let now = self.0.clock.monotonic();
        let last = &self.0.last_miss;
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| now < last + MISS_INTERVAL) {
            return false;
        }
        *last = Some(now);
        true
    }

    async fn try_refresh(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the signing keys could not be read again");
        }
    }

    /// Makes the first key, or one of another algorithm if another is asked for.
    async fn found(&self) -> Result<(), KeyError> {
        let now = self.0.clock.now();
        let algorithm = self.0.options.algorithm;
        match rows::newest(&self.0.db).await? {
            Some(newest) if newest == algorithm.name() => Ok(()),
            Some(_) => self.rotate().await.map(drop),
            None => {
                let new = self.make().await?;
                let found = self.0.db.transaction(async |tx| {
                    rows::lock(tx).await?;
                    // Another process may have been first.
                    if rows::any(tx).await? {
                        return Ok(());
                    }
                    self.add(tx, &new, now, now).await
                });
                found.await
            }
        }
    }

    /// Makes a key, off the executor's threads if that takes long.
    async fn make(&self) -> Result<NewKey, KeyError> {
        let (algorithm, rng) = (self.0.options.algorithm, Arc::clone(&self.0.rng));
        let made = match algorithm {
            Algorithm::Rs256 => {
                let work = move || private(algorithm, &*rng);
                tokio::task::spawn_blocking(work)
                    .await
                    .unwrap_or(Err(KeyError::Invalid {
                        algorithm: algorithm.name(),
                        reason: "making one was broken off",
                    }))
            }
            _ => private(algorithm, &*rng),
        };
        let Private { kid, bytes } = made?;
        let key = super::TokenKey::from_private(algorithm, &kid, &bytes)?;
        let kid = key.kid().to_owned();
        let sealed = self.0.seal.close(&*self.0.rng, &kid, algorithm, bytes)?;
        Ok(NewKey {
            kid,
            algorithm,
            sealed,
        })
    }

    async fn add(
        &self,
        tx: &mut Tx,
        new: &NewKey,
        now: Timestamp,
        signs_from: Timestamp,
    ) -> Result<(), KeyError> {
        rows::refuse_too_many(tx).await?;
        rows::insert(tx, new, now, signs_from).await
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys")
            .field("ring", &self.0.ring)
            .finish_non_exhaustive()
    }
}

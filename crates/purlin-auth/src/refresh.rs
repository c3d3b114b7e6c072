//! Refresh tokens: opaque, rotating, one family for each sign-in.
//!
//! A token can be used once: it is answered with its successor. One that is shown again has been
//! copied, by whom cannot be told, so the whole family ends, with its access tokens. Two tabs that
//! refresh at once are told apart from a thief by time: shortly after its use, and while its
//! successor is unused, a spent token is answered with the same successor again.
//!
//! That answer is not stored. It follows from a secret, the spent token and a salt; the database
//! holds the SHA-256 of tokens and the salts.

mod builder;
mod device;
mod error;
mod families;
mod redeem;
mod secret;

use std::{fmt, sync::Arc, time::Duration};

use purlin_base::{Timestamp, id::IdMaker, random::SharedRng, time::SharedClock};
use purlin_sql::{Db, SqlError, Tx};
use uuid::Uuid;

pub use builder::{RefreshBuilder, RefreshSettingError};
pub use device::{DEVICE_NAME_CHARS_MAX, Device};
pub use error::RefreshError;
pub use families::Family;

use crate::standing::Standing;
use secret::{Deriver, Opaque};

/// Bytes that the identifier of a user may have.
pub const USER_BYTES_MAX: usize = 255;

/// Refresh tokens over a database. Cheap to clone.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::{MIGRATIONS, refresh::{Device, RefreshError, RefreshTokens}, standing::Standing};
/// use purlin_sql::Db;
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&MIGRATIONS).await?;
/// let standing = Standing::builder(&db).load().await?;
/// let tokens = RefreshTokens::builder(&standing, b"32 bytes of chance, or many more").build()?;
///
/// let device = Device::new("Firefox on Linux");
/// let first = db.transaction(async |tx| tokens.begin(tx, "ada", &device).await).await?;
/// let second = tokens.redeem(&first.token).await?;
/// assert_eq!(second.user, "ada");
///
/// // Two tabs: the same answer again.
/// assert_eq!(tokens.redeem(&first.token).await?.token, second.token);
/// // A thief: the successor was used already, so the family ends.
/// let third = tokens.redeem(&second.token).await?;
/// assert!(matches!(tokens.redeem(&first.token).await, Err(RefreshError::Reused { .. })));
/// assert!(tokens.redeem(&third.token).await.is_err());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RefreshTokens(Arc<Inner>);

struct Inner {
    standing: Standing,
    deriver: Deriver,
    ttl: Duration,
    grace: Duration,
    families_max: u32,
    uses_max: u32,
    clock: SharedClock,
    rng: SharedRng,
    ids: IdMaker,
}

/// A sign-in that has begun.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issued {
    /// What the device keeps: 43 characters. Only here; the database has its hash.
    pub token: String,
    /// The sign-in: the `sid` of the access tokens that belong to it.
    pub family: Uuid,
    /// When the sign-in ends, however often it is refreshed.
    pub expires_at: Timestamp,
}

/// A token that was answered with its successor.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redeemed {
    /// Whose it is.
    pub user: String,
    /// The sign-in: the `sid` of the access tokens that belong to it.
    pub family: Uuid,
    /// The successor: 43 characters.
    pub token: String,
    /// When the sign-in ends.
    pub expires_at: Timestamp,
}

impl RefreshTokens {
    /// Tokens in the database of `standing`, which hears of families that end. `secret`, of at
    /// least 32 bytes, is what successors are derived from: the same in every process, and not in
    /// the database.
    pub fn builder(standing: &Standing, secret: &[u8]) -> RefreshBuilder {
        RefreshBuilder::new(standing, secret)
    }

    /// Begins a family: somebody has signed in. If the user has more than
    /// [`families_max`](RefreshBuilder::families_max) then, those unused for longest end.
    ///
    /// # Errors
    ///
    /// [`RefreshError::User`] for an empty or overlong `user`; [`RefreshError::Sql`].
    pub async fn begin(
        &self,
        tx: &mut Tx,
        user: &str,
        device: &Device,
    ) -> Result<Issued, RefreshError> {
        if user.is_empty() || user.len() > USER_BYTES_MAX {
            return Err(RefreshError::User {
                user_bytes: user.len(),
            });
        }
        let now = self.0.clock.now();
        let (token, family) = (Opaque::random(&*self.0.rng), self.0.ids.make());
        let expires_at = now.saturating_add(self.0.ttl);
        let insert = "insert into auth_refresh_families \
                      (id, user_id, device, address, created_at, last_used_at, expires_at) \
                      values ($1, $2, $3, $4, $5, $6, $7)";
        let row = tx.query(insert).bind(family).bind(user);
        let row = row.bind(device.name()).bind(device.address_text());
        row.bind(now).bind(now).bind(expires_at).execute().await?;
        self.keep(tx, &token, family, None, expires_at).await?;
        self.end_beyond_bound(tx, user, now).await?;
        Ok(Issued {
            token: token.shown(),
            family,
            expires_at,
        })
    }

    /// Writes the hash of a token that can be used.
    async fn keep(
        &self,
        tx: &mut Tx,
        token: &Opaque,
        family: Uuid,
        parent: Option<Vec<u8>>,
        expires_at: Timestamp,
    ) -> Result<(), SqlError> {
        let insert = "insert into auth_refresh_tokens (key, family_id, parent, expires_at) \
                      values ($1, $2, $3, $4)";
        let row = tx.query(insert).bind(token.key()).bind(family);
        row.bind(parent).bind(expires_at).execute().await?;
        Ok(())
    }

    fn db(&self) -> &Db {
        self.0.standing.db()
    }
}

impl fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokens")
            .field("ttl", &self.0.ttl)
            .field("grace", &self.0.grace)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("family", &self.family)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Redeemed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redeemed")
            .field("user", &self.user)
            .field("family", &self.family)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/refresh-tokens.md")]
struct Chapter;

//! The options of [`SigningKeys`], their defaults and bounds.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use purlin_base::{
    random::{OsRng, SharedRng},
    time::{SharedClock, SystemClock},
};
use purlin_sql::Db;

use super::{Inner, Seal, SigningKeys};
use crate::token::{Algorithm, KeyError, KeyRing};

const SECRET_BYTES_MIN: usize = 32;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TOKEN_TTL: RangeInclusive<Duration> = Duration::from_secs(1)..=DAY;
const PUBLISH_AHEAD: RangeInclusive<Duration> = Duration::from_secs(60)..=DAY;
const REFRESH_INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60);

/// Describes [`SigningKeys`]. Every option has a default.
#[must_use = "a builder does nothing until `open` is called"]
pub struct SigningKeysBuilder {
    db: Db,
    /// `None`: the secret is too short.
    seal: Option<Seal>,
    options: Options,
    clock: SharedClock,
    rng: SharedRng,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) algorithm: Algorithm,
    pub(super) token_ttl: Duration,
    pub(super) publish_ahead: Duration,
    pub(super) refresh_interval: Duration,
}

impl Options {
    /// How long a key verifies after the next one has begun to sign: as long as its last token
    /// lives, and a process may be behind by `publish_ahead`.
    pub(super) fn tail(&self) -> Duration {
        self.token_ttl + self.publish_ahead
    }
}

impl SigningKeysBuilder {
    pub(super) fn new(db: Db, secret: &[u8]) -> Self {
        Self {
            db,
            seal: (secret.len() >= SECRET_BYTES_MIN)
                .then(|| Seal::new(secret))
                .flatten(),
            options: Options {
                algorithm: Algorithm::default(),
                token_ttl: Duration::from_secs(15 * 60),
                publish_ahead: Duration::from_secs(120),
                refresh_interval: Duration::from_secs(10),
            },
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        }
    }

    /// What new keys are for. Default: EdDSA. If the newest key in the database is for another
    /// algorithm, [`open`](Self::open) rotates; while a key waits for its turn, that is left to the
    /// next start.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.options.algorithm = algorithm;
        self
    }

    /// The longest life of a token: 1 s to 24 h. Default: 15 min. So long a key verifies after it
    /// has signed for the last time.
    pub fn token_ttl(mut self, ttl: Duration) -> Self {
        self.options.token_ttl = ttl;
        self
    }

    /// How long a new key is published before it signs: 60 s to 24 h. Default: 2 min. By then every
    /// process, and everybody who reads the JWKS, must have read it again.
    pub fn publish_ahead(mut self, wait: Duration) -> Self {
        self.options.publish_ahead = wait;
        self
    }

    /// How often [`keep_fresh`](SigningKeys::keep_fresh) looks for changes: 1 s to 60 s. Default:
    /// 10 s.
    pub fn refresh_interval(mut self, interval: Duration) -> Self {
        self.options.refresh_interval = interval;
        self
    }

    /// Where the time comes from. Default: the machine's clock. The clocks of processes on one
    /// database should be within seconds of each other.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Where the chance comes from, of Ed25519 and symmetric keys, and of the seal. Default: the
    /// operating system's.
    pub fn rng(mut self, rng: SharedRng) -> Self {
        self.rng = rng;
        self
    }

    /// Reads the keys; makes the first one if there is none. Processes that start at the same time
    /// agree on one.
    ///
    /// # Errors
    ///
    /// [`KeyError::Option`] for an option out of its bounds or a secret of less than 32 bytes;
    /// [`KeyError::WrongSecret`] if a key was sealed under another secret; [`KeyError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have made the first key or not.
    pub async fn open(self) -> Result<SigningKeys, KeyError> {
        self.check()?;
        let seal = self.seal.ok_or(KeyError::Option {
            option: "secret",
            expected: "at least 32 bytes",
        })?;
        let keys = SigningKeys(Arc::new(Inner {
            db: self.db,
            seal,
            ring: KeyRing::empty(Some(self.options.token_ttl)),
            options: self.options,
            clock: self.clock,
            rng: self.rng,
            loaded: Default::default(),
            last_miss: Default::default(),
        }));
        // A wrong secret is told before anything is written.
        keys.refresh().await?;
        keys.found().await?;
        keys.refresh().await?;
        Ok(keys)
    }

    fn check(&self) -> Result<(), KeyError> {
        let within = |range: &RangeInclusive<Duration>, value, option, expected| {
            if range.contains(&value) {
                return Ok(());
            }
            Err(KeyError::Option { option, expected })
        };
        let options = &self.options;
        within(&TOKEN_TTL, options.token_ttl, "token_ttl", "1 s to 24 h")?;
        let ahead = options.publish_ahead;
        within(&PUBLISH_AHEAD, ahead, "publish_ahead", "60 s to 24 h")?;
        let interval = options.refresh_interval;
        within(
            &REFRESH_INTERVAL,
            interval,
            "refresh_interval",
            "1 s to 60 s",
        )
    }
}

impl std::fmt::Debug for SigningKeysBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeysBuilder")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

//! The options of [`AccessTokens`], their defaults and bounds.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

use purlin_base::{
    id::IdMaker,
    random::{OsRng, SharedRng},
    time::{SharedClock, SystemClock},
};

use super::{AccessTokens, Cache, Expected, Inner};
use crate::token::{KeyError, KeyRing};

const TTL: Duration = Duration::from_secs(15 * 60);
const TTL_SECS: RangeInclusive<u64> = 1..=24 * 60 * 60;
const SKEW: Duration = Duration::from_secs(5);
const SKEW_MAX: Duration = Duration::from_secs(60);
const ENTRIES: usize = 10_000;
const ENTRIES_MAX: usize = 1_000_000;
const BYTES: usize = 16 << 20;
const BYTES_BOUNDS: RangeInclusive<usize> = 1 << 20..=1 << 30;
const NAME_BYTES_MAX: usize = 256;

/// Describes [`AccessTokens`]. Every option has a default.
#[must_use = "a builder does nothing until `build` is called"]
pub struct AccessTokensBuilder {
    issuer: Box<str>,
    audience: Box<str>,
    client_id: Option<Box<str>>,
    ring: KeyRing,
    ttl: Duration,
    skew: Duration,
    entries_max: usize,
    bytes_max: usize,
    clock: SharedClock,
    rng: SharedRng,
}

impl AccessTokensBuilder {
    pub(super) fn new(issuer: &str, audience: &str, ring: KeyRing) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            client_id: None,
            ring,
            ttl: TTL,
            skew: SKEW,
            entries_max: ENTRIES,
            bytes_max: BYTES,
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
        }
    }

    /// How long a token is good: 1 s to 24 h, in whole seconds. Default: 15 min.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// How far the clocks of who issues and who verifies may be apart: up to 60 s. Default: 5 s. A
    /// token is taken that much before its time and after it.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// The program that tokens are issued to: `client_id`, up to 256 bytes. Default: none. It is
    /// not asked for when a token is verified.
    pub fn client_id(mut self, client_id: &str) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// How many verified tokens are remembered: up to 1 000 000; 0 remembers none. Default:
    /// 10 000. When there are as many, one that was not asked for lately makes room.
    pub fn remember_max(mut self, tokens: usize) -> Self {
        self.entries_max = tokens;
        self
    }

    /// How many bytes that may take: 1 MiB to 1 GiB. Default: 16 MiB.
    pub fn remember_bytes_max(mut self, bytes: usize) -> Self {
        self.bytes_max = bytes;
        self
    }

    /// Where the time comes from. Default: the machine's clock.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Where the chance in `jti` comes from. Default: the operating system's.
    pub fn rng(mut self, rng: SharedRng) -> Self {
        self.rng = rng;
        self
    }

    /// Checks every option, then makes the tokens' maker and verifier.
    ///
    /// # Errors
    ///
    /// [`KeyError::Option`] for an option out of its bounds; for a `ttl` longer than the
    /// [`token_ttl`](crate::token::SigningKeysBuilder::token_ttl) of the signing keys too: they
    /// would be gone before their last token.
    pub fn build(self) -> Result<AccessTokens, KeyError> {
        self.check()?;
        Ok(AccessTokens(Arc::new(Inner {
            expected: Expected {
                issuer: self.issuer,
                audience: self.audience,
                skew: self.skew,
            },
            client_id: self.client_id,
            ttl: self.ttl,
            ring: self.ring,
            cache: Cache::new(self.entries_max, self.bytes_max),
            ids: IdMaker::new(Arc::clone(&self.clock), self.rng),
            clock: self.clock,
        })))
    }

    fn check(&self) -> Result<(), KeyError> {
        let name = |text: &str| (1..=NAME_BYTES_MAX).contains(&text.len());
        let whole = self.ttl.subsec_nanos() == 0 && TTL_SECS.contains(&self.ttl.as_secs());
        let outlived = self.ring.token_ttl_max().is_none_or(|max| self.ttl <= max);
        bound(name(&self.issuer), "issuer", "1 to 256 bytes")?;
        bound(name(&self.audience), "audience", "1 to 256 bytes")?;
        let client_id = self.client_id.as_deref().is_none_or(name);
        bound(client_id, "client_id", "1 to 256 bytes")?;
        bound(whole, "ttl", "1 s to 24 h, in whole seconds")?;
        bound(
            outlived,
            "ttl",
            "at most the `token_ttl` of the signing keys",
        )?;
        bound(self.skew <= SKEW_MAX, "skew", "up to 60 s")?;
        let entries = self.entries_max <= ENTRIES_MAX;
        bound(entries, "remember_max", "up to 1 000 000")?;
        let bytes = BYTES_BOUNDS.contains(&self.bytes_max);
        bound(bytes, "remember_bytes_max", "1 MiB to 1 GiB")
    }
}

fn bound(holds: bool, option: &'static str, expected: &'static str) -> Result<(), KeyError> {
    if holds {
        return Ok(());
    }
    Err(KeyError::Option { option, expected })
}

impl std::fmt::Debug for AccessTokensBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokensBuilder")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

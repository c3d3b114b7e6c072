//! The settings of refresh tokens.

use std::{sync::Arc, time::Duration};

use purlin_base::{
    Classified, ErrorClass, ErrorClasses,
    id::IdMaker,
    random::{OsRng, SharedRng},
    time::SharedClock,
};

use super::{Inner, RefreshTokens, secret::Deriver};
use crate::standing::Standing;

const SECRET_BYTES_MIN: usize = 32;
const DAY: Duration = Duration::from_secs(86_400);

/// A setting is out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}` is out of range: expected {range}")]
pub struct RefreshSettingError {
    /// Its name.
    pub setting: &'static str,
    /// What it may be.
    pub range: &'static str,
}

impl Classified for RefreshSettingError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "REFRESH_SETTING"
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }
}

/// Makes [`RefreshTokens`]. See [`RefreshTokens::builder`].
#[must_use = "nothing is made until `build`"]
pub struct RefreshBuilder {
    standing: Standing,
    deriver: Deriver,
    secret_bytes: usize,
    ttl: Duration,
    grace: Duration,
    families_max: u32,
    uses_max: u32,
    clock: SharedClock,
    rng: SharedRng,
    ids: Option<IdMaker>,
}

impl RefreshBuilder {
    pub(super) fn new(standing: &Standing, secret: &[u8]) -> Self {
        Self {
            standing: standing.clone(),
            deriver: Deriver::new(secret),
            secret_bytes: secret.len(),
            ttl: 30 * DAY,
            grace: Duration::from_secs(10),
            families_max: 100,
            uses_max: 100_000,
            clock: standing.clock().clone(),
            rng: Arc::new(OsRng),
            ids: None,
        }
    }

    /// How long a sign-in lasts, however often it is refreshed. Default 30 days; 1 second to 400
    /// days.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// How long after its use a spent token is answered with the same successor, while that is
    /// unused. Default 10 s; at most 1 minute. Zero: never, so that two tabs which refresh at once
    /// are signed out.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Sign-ins that one user may have. Default 100; 1 to 1000. One more ends the one that was
    /// unused for longest.
    pub fn families_max(mut self, families: u32) -> Self {
        self.families_max = families;
        self
    }

    /// How often one sign-in may be refreshed: each time leaves a row until the sign-in ends.
    /// Default 100 000; at least 1. After that: [`RefreshError::Expired`](super::RefreshError::Expired).
    pub fn uses_max(mut self, uses: u32) -> Self {
        self.uses_max = uses;
        self
    }

    /// Where time comes from. Default: the clock of the [`Standing`].
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// Where chance comes from. Default: the operating system.
    pub fn rng(mut self, rng: SharedRng) -> Self {
        self.rng = rng;
        self
    }

    /// What makes the identifiers of families. Default: from the clock and the chance.
    pub fn ids(mut self, ids: IdMaker) -> Self {
        self.ids = Some(ids);
        self
    }

    /// The tokens.
    ///
    /// # Errors
    ///
    /// [`RefreshSettingError`]: the secret is too short, or a setting is out of its range.
    pub fn build(self) -> Result<RefreshTokens, RefreshSettingError> {
        self.check()?;
        let made = || IdMaker::new(self.clock.clone(), self.rng.clone());
        Ok(RefreshTokens(Arc::new(Inner {
            ids: self.ids.unwrap_or_else(made),
            standing: self.standing,
            deriver: self.deriver,
            ttl: self.ttl,
            grace: self.grace,
            families_max: self.families_max,
            uses_max: self.uses_max,
            clock: self.clock,
            rng: self.rng,
        })))
    }

    fn check(&self) -> Result<(), RefreshSettingError> {
        let refuse = |setting, range| Err(RefreshSettingError { setting, range });
        match () {
            () if self.secret_bytes < SECRET_BYTES_MIN => refuse("secret", "at least 32 bytes"),
            () if !(Duration::from_secs(1)..=400 * DAY).contains(&self.ttl) => {
                refuse("ttl", "1 second to 400 days")
            }
            () if self.grace > DAY / 1440 => refuse("grace", "at most 1 minute"),
            () if !(1..=1000).contains(&self.families_max) => refuse("families_max", "1 to 1000"),
            () if self.uses_max == 0 => refuse("uses_max", "at least 1"),
            () => Ok(()),
        }
    }
}

//! The settings of a deny-list, and the first reading.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use purlin_base::{
    Classified, ErrorClass, ErrorClasses,
    time::{SharedClock, SystemClock},
};
use purlin_sql::{Db, SqlError};

use super::{Inner, Standing, deny::Deny};

/// Clocks of processes may differ, and a token is accepted a little after its end: changes are
/// remembered for this much longer than a token lives.
const MARGIN: Duration = Duration::from_secs(120);

/// What to answer when the table could not be read for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenStale {
    /// Go on with what was read. What another process revokes meanwhile is not known here until
    /// the table can be read again, at the latest when the token expires.
    #[default]
    Serve,
    /// Refuse every token with [`Revoked::Unknown`](super::Revoked::Unknown): 503.
    Refuse,
}

/// A deny-list could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StandingError {
    /// A setting is out of its range.
    #[error("`{setting}` is out of range: expected {range}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What it may be.
        range: &'static str,
    },
    /// The table could not be read.
    #[error("the deny-list could not be read: {0}")]
    Sql(#[from] SqlError),
}

impl Classified for StandingError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Setting { .. } => ErrorClass::Internal,
            Self::Sql(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Setting { .. } => "STANDING_SETTING",
            Self::Sql(error) => error.code(),
        }
    }

    fn classes() -> ErrorClasses {
        SqlError::classes().and(ErrorClass::Internal.into())
    }
}

/// Makes a [`Standing`]. See [`Standing::builder`].
#[derive(Clone)]
#[must_use = "nothing is made until `load`"]
pub struct StandingBuilder {
    db: Db,
    clock: SharedClock,
    access_ttl_max: Duration,
    poll_every: Duration,
    stale_after: Duration,
    when_stale: WhenStale,
    entries_max: usize,
}

impl StandingBuilder {
    pub(super) fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            clock: Arc::new(SystemClock),
            access_ttl_max: Duration::from_secs(900),
            poll_every: Duration::from_millis(250),
            stale_after: Duration::from_secs(5),
            when_stale: WhenStale::default(),
            entries_max: 1_000_000,
        }
    }

    /// Where time comes from. Default: the machine's clock.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// The longest that an access token lives: changes are remembered for as long, and two minutes
    /// more for clocks that differ. Default 15 minutes; 1 second to 1 day.
    pub fn access_ttl_max(mut self, ttl: Duration) -> Self {
        self.access_ttl_max = ttl;
        self
    }

    /// How often [`Standing::run`] reads the table. Default 250 ms; 10 to 500 ms.
    pub fn poll_every(mut self, wait: Duration) -> Self {
        self.poll_every = wait;
        self
    }

    /// After how long without a reading the list is stale. Default 5 s; 1 s to 1 hour.
    pub fn stale_after(mut self, wait: Duration) -> Self {
        self.stale_after = wait;
        self
    }

    /// What to answer while it is stale. Default: [`WhenStale::Serve`].
    pub fn when_stale(mut self, choice: WhenStale) -> Self {
        self.when_stale = choice;
        self
    }

    /// How many families and users may be in memory, at about 200 bytes each. Default 1 000 000;
    /// at least 1. Beyond it every token is refused with
    /// [`Revoked::Unknown`](super::Revoked::Unknown): forgetting one would let it in.
    pub fn entries_max(mut self, entries: usize) -> Self {
        self.entries_max = entries;
        self
    }

    /// Reads the table and makes the list: one that exists has been read.
    ///
    /// # Errors
    ///
    /// [`StandingError`]: a setting is out of range, or the table cannot be read.
    pub async fn load(self) -> Result<Standing, StandingError> {
        self.check()?;
        let standing = Standing(Arc::new(Inner {
            read_at: AtomicU64::new(0),
            full: AtomicBool::new(false),
            polls_failed: AtomicU64::new(0),
            seen: tokio::sync::Mutex::new(0),
            deny: Deny::new(self.entries_max),
            hold: self.access_ttl_max + MARGIN,
            db: self.db,
            clock: self.clock,
            poll_every: self.poll_every,
            stale_after: self.stale_after,
            when_stale: self.when_stale,
        }));
        standing.poll_once().await?;
        Ok(standing)
    }

    fn check(&self) -> Result<(), StandingError> {
        let (second, day) = (Duration::from_secs(1), Duration::from_secs(86_400));
        let polls = Duration::from_millis(10)..=Duration::from_millis(500);
        let stale = second..=Duration::from_secs(3600);
        let refuse = |setting, range| Err(StandingError::Setting { setting, range });
        match () {
            () if !(second..=day).contains(&self.access_ttl_max) => {
                refuse("access_ttl_max", "1 second to 1 day")
            }
            () if !polls.contains(&self.poll_every) => refuse("poll_every", "10 to 500 ms"),
            () if !stale.contains(&self.stale_after) => refuse("stale_after", "1 s to 1 hour"),
            () if self.entries_max == 0 => refuse("entries_max", "at least 1"),
            () => Ok(()),
        }
    }
}

//! What has become of access tokens since they were issued: revoked, or of other roles.
//!
//! An access token is believed until it expires. [`Standing`] is the short list of those that are
//! not: kept in memory, asked on each request, and shared by the processes on one database through
//! a table that each of them reads a few times a second.
//!
//! A change is written in the caller's transaction. What it takes away is refused in this process
//! from that moment, before the commit, so there is no gap between the two, and nothing to lose
//! when a future is dropped. What it gives (a new role) waits for the commit: see [`Notice`].

mod builder;
mod deny;
mod error;
mod notice;
mod poll;
mod rows;
mod write;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use purlin_base::{Principal, time::SharedClock};
use purlin_sql::{Db, SqlError};

pub use builder::{StandingBuilder, StandingError, WhenStale};
pub use error::Revoked;
pub use notice::Notice;

use crate::token::VerifiedToken;
use deny::Deny;

/// The deny-list of access tokens. Cheap to clone; clones are the same list.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::{MIGRATIONS, standing::Standing};
/// use purlin_sql::{Db, SqlError};
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&MIGRATIONS).await?;
/// let standing = Standing::builder(&db).load().await?;
///
/// // A task of its own hears of what other processes revoke.
/// let listening = purlin_runtime::spawn({
///     let standing = standing.clone();
///     async move { standing.run().await }
/// });
///
/// let notice = db
///     .transaction(async |tx| standing.set_roles(tx, "ada", &["reader"]).await)
///     .await?;
/// notice.committed();
/// assert_eq!(standing.len(), 1);
/// listening.abort();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Standing(Arc<Inner>);

struct Inner {
    db: Db,
    clock: SharedClock,
    deny: Deny,
    hold: Duration,
    poll_every: Duration,
    stale_after: Duration,
    when_stale: WhenStale,
    /// The monotonic time of the last reading that succeeded, in microseconds.
    read_at: AtomicU64,
    /// The table holds more than memory may: nothing can be said of any token.
    full: AtomicBool,
    polls_failed: AtomicU64,
    seen: tokio::sync::Mutex<i64>,
}

impl Standing {
    /// A list over the tables of [`MIGRATIONS`](crate::MIGRATIONS) in `db`.
    pub fn builder(db: &Db) -> StandingBuilder {
        StandingBuilder::new(db)
    }

    /// Who a good token speaks for now: its principal, with the latest roles.
    ///
    /// Costs a few atomic reads when nothing is revoked, and two lookups otherwise. Never waits.
    ///
    /// # Errors
    ///
    /// [`Revoked::SignedOut`] for a token whose family or user was revoked since;
    /// [`Revoked::Unknown`] when the list cannot answer: it is full, or it is stale and
    /// [`WhenStale::Refuse`] was chosen.
    pub fn judge(&self, token: &VerifiedToken) -> Result<Principal, Revoked> {
        if self.is_full() || (self.0.when_stale == WhenStale::Refuse && self.is_stale()) {
            return Err(Revoked::Unknown);
        }
        if self.0.deny.is_empty() {
            return Ok(token.principal.clone());
        }
        self.0.deny.judge(token).ok_or(Revoked::SignedOut)
    }

    /// How long ago the table was last read.
    pub fn age(&self) -> Duration {
        let read_at = Duration::from_micros(self.0.read_at.load(Relaxed));
        self.0.clock.monotonic().saturating_sub(read_at)
    }

    /// Whether the table could not be read for longer than
    /// [`stale_after`](StandingBuilder::stale_after).
    pub fn is_stale(&self) -> bool {
        self.age() > self.0.stale_after
    }

    /// Whether there is more to remember than [`entries_max`](StandingBuilder::entries_max).
    /// Until there is room again every token is answered with [`Revoked::Unknown`].
    pub fn is_full(&self) -> bool {
        self.0.full.load(Relaxed)
    }

    /// Families and users in memory.
    pub fn len(&self) -> usize {
        self.0.deny.len()
    }

    /// Whether nothing is revoked and nobody's roles have changed.
    pub fn is_empty(&self) -> bool {
        self.0.deny.is_empty()
    }

    /// Readings of the table that failed since the start, for a metric.
    pub fn polls_failed(&self) -> u64 {
        self.0.polls_failed.load(Relaxed)
    }

    /// Deletes up to `batch` rows that no token depends on any more; returns how many.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; nothing was deleted.
    pub async fn sweep(&self, batch: u32) -> Result<u64, SqlError> {
        rows::sweep(&self.0.db, self.0.clock.now(), batch).await
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    /// How long a change has to be remembered: no access token lives longer.
    pub(crate) fn hold(&self) -> Duration {
        self.0.hold
    }
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing")
            .field("entries", &self.len())
            .field("age", &self.age())
            .finish_non_exhaustive()
    }
}

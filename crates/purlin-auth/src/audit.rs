//! What happened around identity, written down.
//!
//! Events are added and never changed; they are cleared away when they are old. An event is
//! written in the transaction of what it tells of, so that neither is there without the other, or
//! alone when there is no transaction, as for a sign-in that failed.
//!
//! Which events there are is the application's choice. What of an event comes from strangers (an
//! address, a device's name) is cut to a bound and cleaned rather than refused: whoever sends
//! nonsense is the one to be written down.

mod entry;
mod error;
mod event;

use std::{sync::Arc, time::Duration};

use purlin_base::{
    Page,
    id::IdMaker,
    time::{Clock, SharedClock, SystemClock},
};
use purlin_sql::{
    Db, Json, Query, Tx,
    cursor::CursorSigner,
    keyset::{Keyset, ListRequest},
};

pub use entry::AuditEntry;
pub use error::AuditError;
pub use event::{AuditEvent, DETAIL_CHARS_MAX, DETAILS_MAX, TEXT_BYTES_MAX};

/// The shortest time that events may be kept, 1 day.
pub const KEPT_MIN: Duration = Duration::from_secs(24 * 60 * 60);

/// How many rows one statement of a sweep deletes.
const SWEPT_MAX: i64 = 1000;

const SELECT: &str =
    "select id, kind, user_id, address, request_id, at, details from auth_audit where user_id = $1";

const SELECT_ALL: &str =
    "select id, kind, user_id, address, request_id, at, details from auth_audit";

/// Writes events down and reads them. Cheap to clone.
///
/// The table is that of [`MIGRATIONS`](crate::MIGRATIONS).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::audit::{Audit, AuditEvent};
/// use purlin_sql::{Db, Tx, cursor::CursorSigner, keyset::PageRequest};
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&purlin_auth::MIGRATIONS).await?;
/// let audit = Audit::new();
///
/// let failed = AuditEvent::new("sign_in.failed").user("u1").address("203.0.113.9");
/// audit.record_alone(&db, &failed.detail("reason", "wrong password")).await?;
///
/// let changed = async |tx: &mut Tx| {
///     // … the new roles, and then:
///     audit.record(tx, &AuditEvent::new("roles.changed").user("u1")).await
/// };
/// db.transaction(changed).await?;
///
/// let signer = CursorSigner::new([7; 32])?;
/// let page = audit.list(&db, &signer, "u1", PageRequest::new(Some(10), None)).await?;
/// assert_eq!(page.items[0].kind, "roles.changed"); // The latest first.
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Audit {
    ids: IdMaker,
    clock: SharedClock,
}

impl Default for Audit {
    fn default() -> Self {
        Self::new()
    }
}

impl Audit {
    /// Events under the machine's clock.
    pub fn new() -> Self {
        Self {
            ids: IdMaker::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Where time comes from. Default: the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where the events' ids come from, which order them. Default: the machine's clock and chance.
    #[must_use]
    pub fn ids(mut self, ids: IdMaker) -> Self {
        self.ids = ids;
        self
    }

    /// Writes `event` down in the transaction of what it tells of.
    ///
    /// # Errors
    ///
    /// [`AuditError::Sql`].
    pub async fn record(&self, tx: &mut Tx, event: &AuditEvent) -> Result<(), AuditError> {
        tx.query(self.insert(event)).execute().await?;
        Ok(())
    }

    /// Writes `event` down by itself.
    ///
    /// # Errors
    ///
    /// [`AuditError::Sql`]; [`SqlError::Nested`](purlin_sql::SqlError::Nested) in it inside of a
    /// transaction of the same database and task.
    pub async fn record_alone(&self, db: &Db, event: &AuditEvent) -> Result<(), AuditError> {
        db.write(self.insert(event)).execute().await?;
        Ok(())
    }

    fn insert(&self, event: &AuditEvent) -> Query {
        Query::new(
            "insert into auth_audit (id, kind, user_id, address, request_id, at, details) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.ids.make())
        .bind(&event.kind)
        .bind(event.user.as_deref())
        .bind(event.address.as_deref())
        .bind(event.request_id.as_deref())
        .bind(self.clock.now())
        .bind(Json(&event.details))
    }

    /// One page of what happened to `user`, the latest first.
    ///
    /// # Errors
    ///
    /// [`AuditError::List`]: no such page, or the database.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written; dropping the future gives the page up.
    pub async fn list<'a>(
        &self,
        db: &'a Db,
        signer: &'a CursorSigner,
        user: &str,
        request: impl Into<ListRequest<'a>>,
    ) -> Result<Page<AuditEntry>, AuditError> {
        let request = request.into();
        let latest = Keyset::<AuditEntry>::named("auth_audit").unique_desc("id", |entry| entry.id);
        let base = Query::new(SELECT).bind(user);
        Ok(latest.fetch(db.read(), signer, request, base).await?)
    }

    /// One page of what happened to anybody, the latest first. Cursors of one user's events are
    /// good for that user only, and not here.
    ///
    /// # Errors
    ///
    /// [`AuditError::List`]: no such page, or the database.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written; dropping the future gives the page up.
    pub async fn list_all<'a>(
        &self,
        db: &'a Db,
        signer: &'a CursorSigner,
        request: impl Into<ListRequest<'a>>,
    ) -> Result<Page<AuditEntry>, AuditError> {
        let request = request.into();
        let latest =
            Keyset::<AuditEntry>::named("auth_audit_all").unique_desc("id", |entry| entry.id);
        let base = Query::new(SELECT_ALL);
        Ok(latest.fetch(db.read(), signer, request, base).await?)
    }

    /// Deletes the events that are older than `kept`, at least [`KEPT_MIN`]. Returns how many.
    /// Call it once a day, with what your law and your users expect: half a year is usual.
    ///
    /// # Errors
    ///
    /// [`AuditError::Kept`] for less than [`KEPT_MIN`]: nothing is deleted. [`AuditError::Sql`];
    /// what was deleted before stays deleted.
    ///
    /// # Cancel safety
    ///
    /// Dropped: the rows of the statements that have run are gone, the others stay.
    pub async fn sweep(&self, db: &Db, kept: Duration) -> Result<u64, AuditError> {
        if kept < KEPT_MIN {
            return Err(AuditError::Kept);
        }
        let before = self.clock.now().saturating_sub(kept);
        let mut swept = 0;
        loop {
            let delete = "delete from auth_audit where id in \
                 (select id from auth_audit where at < $1 order by at limit $2)";
            let delete = db.write(delete).bind(before).bind(SWEPT_MAX);
            let some = delete.execute().await?;
            swept += some;
            if some < SWEPT_MAX as u64 {
                return Ok(swept);
            }
        }
    }
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Audit").finish_non_exhaustive()
    }
}

//! Events in the database.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use purlin_base::{
    Page, Timestamp,
    id::IdMaker,
    time::{SharedClock, SystemClock},
};
use purlin_sql::{
    Db, FromRow, Json, Query, Tx,
    cursor::CursorSigner,
    keyset::{Keyset, ListRequest},
};
use uuid::Uuid;

use super::{AuditError, Event};
use crate::sweep::unlocked_only;

/// How long events are kept if nothing else is said: 365 days.
pub const RETENTION_DEFAULT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How many events one [sweep](Audit::sweep) clears away.
const SWEPT_MAX: i64 = 1_000;

/// Events in the table of [`MIGRATIONS`](crate::MIGRATIONS).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use purlin_auth::{MIGRATIONS, audit::{Audit, AuditError, Event}};
/// use purlin_sql::{Db, cursor::CursorSigner, keyset::PageRequest};
///
/// let db = Db::connect("sqlite::memory:").await?;
/// db.migrate(&MIGRATIONS).await?;
/// let audit = Audit::new(db.clone());
///
/// db.transaction(async |tx| {
///     // … the change, and in the same transaction:
///     audit.record(tx, Event::new("roles.changed").user("user-7").detail("by", "user-1")).await
/// })
/// .await?;
///
/// let signer = CursorSigner::new([7; 32])?;
/// let page = audit.of_user(&signer, "user-7", PageRequest::new(Some(20), None).into()).await?;
/// assert_eq!(page.items[0].kind, "roles.changed");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Audit {
    db: Db,
    clock: SharedClock,
    ids: IdMaker,
    retention: Duration,
}

/// An event as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its identifier; later events have greater ones.
    pub id: Uuid,
    /// What happened.
    pub kind: String,
    /// Whom it concerns.
    pub user: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// The id of the request that did it.
    pub request_id: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What else is known.
    pub details: BTreeMap<String, String>,
}

impl FromRow for Recorded {
    fn from_row(row: &purlin_sql::Row<'_>) -> Result<Self, purlin_sql::RowError> {
        let Json(details) = row.get("details")?;
        Ok(Self {
            id: row.get("id")?,
            kind: row.get("kind")?,
            user: row.get("user_id")?,
            address: row.get("address")?,
            request_id: row.get("request_id")?,
            at: row.get("at")?,
            details,
        })
    }
}

impl Audit {
    /// Events in `db`, kept for [`RETENTION_DEFAULT`], by the machine's clock.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            clock: Arc::new(SystemClock),
            ids: IdMaker::default(),
            retention: RETENTION_DEFAULT,
        }
    }

    /// Where the time and the identifiers come from. Default: the machine's clock.
    #[must_use]
    pub fn world(mut self, clock: SharedClock, ids: IdMaker) -> Self {
        (self.clock, self.ids) = (clock, ids);
        self
    }

    /// How long events are kept, at least a day: what is shorter is a day. Default:
    /// [`RETENTION_DEFAULT`].
    #[must_use]
    pub fn retention(mut self, retention: Duration) -> Self {
        self.retention = retention.max(Duration::from_secs(24 * 60 * 60));
        self
    }

    /// Writes `event` in the transaction of what it tells of: both are there, or neither.
    ///
    /// # Errors
    ///
    /// [`AuditError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn record(&self, tx: &mut Tx, event: Event) -> Result<(), AuditError> {
        tx.query(self.insert(event)).execute().await?;
        Ok(())
    }

    /// Writes `event` by itself, where nothing else is written: what was refused leaves no other
    /// trace. Not inside of a transaction.
    ///
    /// # Errors
    ///
    /// [`AuditError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have written it or not.
    pub async fn record_alone(&self, event: Event) -> Result<(), AuditError> {
        self.db.write(self.insert(event)).execute().await?;
        Ok(())
    }

    fn insert(&self, event: Event) -> Query {
        Query::new(
            "insert into auth_audit (id, kind, user_id, address, request_id, at, details)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.ids.make())
        .bind(event.kind)
        .bind(event.user)
        .bind(event.address.map(|address| address.to_string()))
        .bind(event.request_id)
        .bind(self.clock.now())
        .bind(Json(event.details))
    }

    /// One page of the events that concern `user`, the latest first.
    ///
    /// # Errors
    ///
    /// [`AuditError::List`].
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn of_user(
        &self,
        signer: &CursorSigner,
        user: &str,
        request: ListRequest<'_>,
    ) -> Result<Page<Recorded>, AuditError> {
        let select = Query::new(
            "select id, kind, user_id, address, request_id, at, details
             from auth_audit where user_id = $1",
        );
        let order = Keyset::<Recorded>::named("-id").unique_desc("id", |event| event.id);
        let page = order.fetch(self.db.read(), signer, request, select.bind(user));
        Ok(page.await?)
    }

    /// Clears away events whose time is over, the oldest first, at most 1000, and returns how many
    /// there were: call it again while it is 1000. Any number of processes may do it at once.
    ///
    /// # Errors
    ///
    /// [`AuditError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have cleared them or not.
    pub async fn sweep(&self) -> Result<u64, AuditError> {
        let before = self.clock.now().saturating_sub(self.retention);
        let sweep = Query::new(
            "delete from auth_audit where id in (
                 select id from auth_audit where at <= $1 order by at limit $2",
        );
        let sweep = sweep
            .bind(before)
            .bind(SWEPT_MAX)
            .push(unlocked_only(&self.db))
            .push(")");
        Ok(self.db.write(sweep).execute().await?)
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}

//! Which messages a consumer has handled, so that one that comes twice has its effect once.
//!
//! A message that is sent at least once comes twice now and then. The note that it was handled is a
//! row in the transaction of its effect: both are there, or neither.
//!
//! # Examples
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use purlin_sql::{Db, inbox::{Inbox, InboxError, Once}, outbox::OUTBOX};
//!
//! let db = Db::connect("sqlite::memory:").await?;
//! db.migrate(&OUTBOX).await?;
//! db.write("create table invoices (order_id text not null)").execute().await?;
//! let inbox = Inbox::new(&db);
//!
//! for _ in 0..2 {
//!     db.transaction(async |tx| {
//!         if inbox.once(tx, "invoices", "0193a4f2-order-7").await? == Once::First {
//!             tx.query("insert into invoices values ('7')").execute().await?;
//!         }
//!         Ok::<_, InboxError>(())
//!     })
//!     .await?;
//! }
//! let (invoices,) = db.read().query("select count(*) from invoices").fetch_one::<(i64,)>().await?;
//! assert_eq!(invoices, 1);
//! # Ok(()) }
//! ```

use std::{fmt, time::Duration};

use purlin_base::{Classified, ErrorClass, ErrorClasses};

use crate::{Db, SqlError, TimeOffset, Tx, outbox::Words};

/// Bytes that the name of a consumer or the id of a message may have.
pub const INBOX_BYTES_MAX: usize = 255;

/// How long a note is kept, unless [`Inbox::kept_for`] says otherwise.
pub const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Whether a message has been handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// It has not: handle it, in the same transaction.
    First,
    /// It has: there is nothing to do.
    Seen,
}

/// What consumers of a database have handled. Cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    db: Db,
    words: &'static Words,
    kept_for: Duration,
    offset: TimeOffset,
}

impl Inbox {
    /// The inbox of `db`, which [`OUTBOX`](crate::outbox::OUTBOX) has made.
    pub fn new(db: &Db) -> Self {
        Self {
            db: db.clone(),
            words: crate::outbox::words(db),
            kept_for: KEPT_FOR,
            offset: TimeOffset::default(),
        }
    }

    /// How long a note is kept at least: longer than a message may take to come again. Default 7
    /// days.
    #[must_use]
    pub fn kept_for(mut self, time: Duration) -> Self {
        self.kept_for = time;
        self
    }

    /// What is added to the database's clock: for tests.
    #[must_use]
    pub fn time_offset(mut self, offset: TimeOffset) -> Self {
        self.offset = offset;
        self
    }

    /// Notes in `tx` that `consumer` handles the message, and says whether it is the first time.
    /// If `tx` is rolled back it was not.
    ///
    /// Two transactions that ask for the same message wait for each other: the second is told
    /// [`Once::Seen`] if the first commits, and [`Once::First`] if it does not.
    ///
    /// # Errors
    ///
    /// [`InboxError::Name`] if `consumer` or `message_id` is empty, longer than 255 bytes or has
    /// NUL; [`InboxError::Sql`].
    pub async fn once(
        &self,
        tx: &mut Tx,
        consumer: &str,
        message_id: &str,
    ) -> Result<Once, InboxError> {
        for name in [consumer, message_id] {
            if !(1..=INBOX_BYTES_MAX).contains(&name.len()) || name.contains('\0') {
                return Err(InboxError::Name);
            }
        }
        let note = tx.query(self.words.once).bind(consumer).bind(message_id);
        let noted = note.bind(self.offset.micros()).execute().await?;
        Ok(if noted == 1 { Once::First } else { Once::Seen })
    }

    /// Forgets up to `batch` of what was handled longer than [`kept_for`](Self::kept_for) ago, and
    /// says how many those were. Call it now and then, and again at once while it returns `batch`.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn sweep(&self, batch: u32) -> Result<u64, SqlError> {
        let forget = self.db.write(self.words.forget);
        let forget = forget.bind(self.offset.before(self.kept_for));
        forget.bind(batch).execute().await
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("kept_for", &self.kept_for)
            .finish_non_exhaustive()
    }
}

/// Why the inbox could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// The name of the consumer or the id of the message is none.
    #[error("a consumer and the id of a message have 1 to 255 bytes and no NUL")]
    Name,
    /// The database said no.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl Classified for InboxError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Name => ErrorClass::Invalid,
            Self::Sql(error) => error.class(),
        }
    }

    fn classes() -> ErrorClasses {
        SqlError::classes()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Name => "INBOX_NAME",
            Self::Sql(error) => error.code(),
        }
    }

    fn public_detail(&self) -> Option<std::borrow::Cow<'_, str>> {
        match self {
            Self::Name => None,
            Self::Sql(error) => error.public_detail(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Name => None,
            Self::Sql(error) => error.retry_after(),
        }
    }
}

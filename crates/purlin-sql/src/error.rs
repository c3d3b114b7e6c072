//! What can go wrong with a statement, the same on every engine.

use std::{borrow::Cow, sync::Arc, time::Duration};

use purlin_base::{Classified, ErrorClass};

use crate::row::RowError;

mod open;

pub use open::OpenError;

/// A cause that can be handed to everybody who shared a commit.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Why a statement or a transaction failed. Nothing of it was written, whichever the variant,
/// but for [`Unknown`](Self::Unknown).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// There is a row with that key already.
    #[error("a unique constraint is broken: {constraint}")]
    Unique {
        /// The columns (SQLite: `books.isbn`) or the constraint's name (Postgres: `books_isbn_key`).
        constraint: String,
    },
    /// A row that is pointed at does not exist, or one that is pointed at would go.
    #[error("a foreign key is broken: {constraint}")]
    ForeignKey {
        /// The constraint's name; SQLite does not tell it.
        constraint: String,
    },
    /// A check of the table says no.
    #[error("a check is broken: {constraint}")]
    Check {
        /// The constraint's name, or what the trigger said.
        constraint: String,
    },
    /// A column that must hold something was given nothing.
    #[error("a column that must not be null is: {column}")]
    NotNull {
        /// The column.
        column: String,
    },
    /// The transaction or read took longer than its deadline and was rolled back.
    #[error("the database work took longer than {deadline:?} and was rolled back")]
    Deadline {
        /// The deadline that passed.
        deadline: Duration,
    },
    /// A write or a transaction was begun inside a transaction of the same database and task.
    /// Use the transaction at hand.
    #[error("a transaction is open in this task already: use its `tx`")]
    Nested,
    /// An earlier statement of the transaction failed: it can only be rolled back. Return the error.
    #[error("an earlier statement of this transaction failed: it can only be rolled back")]
    Aborted,
    /// The work of a [`Batch`](crate::Batch) waited for something else than its statements, while
    /// everybody's writes waited for it.
    #[error("a batch must wait for nothing but its own statements: use `db.transaction`")]
    Waited,
    /// A write was sent through [`Db::read`](crate::Db::read).
    #[error("a read must not write: use `db.write` or a transaction")]
    ReadOnly,
    /// The statement begins or ends a transaction, or opens another database. `Db` does that.
    #[error("a statement must not begin or end a transaction: use `db.transaction`")]
    TransactionControl,
    /// The number of values bound is not the number of placeholders.
    #[error("the statement has {expected} placeholders, and {bound} values were bound")]
    Placeholders {
        /// Placeholders in the statement.
        expected: usize,
        /// Values bound.
        bound: usize,
    },
    /// A text holds the character NUL, which a database cannot keep.
    #[error("text must not hold the character NUL")]
    Nul,
    /// A value is larger than the database keeps.
    #[error("a value is larger than the database keeps")]
    TooLarge,
    /// [`fetch_one`](crate::ReadStatement::fetch_one) found no row.
    #[error("there is no such row")]
    NoRow,
    /// The statement returned more rows than [`SqlConfig::rows_max`](crate::SqlConfig::rows_max).
    #[error("the statement returned more than {rows_max} rows: read them by page")]
    TooManyRows {
        /// The bound that was reached.
        rows_max: usize,
    },
    /// The rows of a stream were not taken for [`SqlConfig::stream_stall`](crate::SqlConfig::stream_stall):
    /// it was ended, since it holds a connection and keeps old rows from being cleared away.
    #[error("the rows of a stream were not taken for {stall:?}: it was ended")]
    Stalled {
        /// The bound that was reached.
        stall: Duration,
    },
    /// A row could not be read as the Rust type asks.
    #[error("a row cannot be read: {0}")]
    Row(#[from] RowError),
    /// Another transaction got in the way; the same transaction may succeed if it is run again.
    #[error("another transaction got in the way: run it again")]
    Serialization(#[source] Cause),
    /// Another process kept the database for itself too long.
    #[error("the database is kept busy by another process")]
    Busy(#[source] Cause),
    /// Every connection, or the writer's queue, stayed taken.
    #[error("every connection to the database is taken")]
    Exhausted,
    /// There is no room left to write.
    #[error("there is no room left to write")]
    StorageFull(#[source] Cause),
    /// The database cannot be reached, or its disk fails.
    #[error("the database is away: {0}")]
    Unavailable(#[source] Cause),
    /// The connection broke while a commit was under way: it may have been done or not.
    #[error("it is not known whether the commit was done: {0}")]
    Unknown(#[source] Cause),
    /// The `Db` was closed.
    #[error("the database is closed")]
    Closed,
    /// The engine refuses the statement: a fault of the program.
    #[error("the database refuses the statement: {0}")]
    Statement(#[source] Cause),
}

impl SqlError {
    /// The same transaction may succeed if it is run again from its beginning.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Serialization(_) | Self::Busy(_) | Self::Exhausted
        )
    }
}

impl Classified for SqlError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Unique { .. } | Self::ForeignKey { .. } => ErrorClass::Conflict,
            Self::Check { .. } | Self::NotNull { .. } | Self::Nul | Self::TooLarge => {
                ErrorClass::Invalid
            }
            Self::NoRow => ErrorClass::NotFound,
            Self::Deadline { .. } | Self::Stalled { .. } => ErrorClass::Timeout,
            Self::Serialization(_)
            | Self::Busy(_)
            | Self::Exhausted
            | Self::StorageFull(_)
            | Self::Unavailable(_)
            | Self::Closed => ErrorClass::Unavailable,
            _ => ErrorClass::Internal,
        }
    }

    fn classes() -> purlin_base::ErrorClasses {
        purlin_base::ErrorClasses::of(&[
            ErrorClass::NotFound,
            ErrorClass::Conflict,
            ErrorClass::Invalid,
            ErrorClass::Internal,
            ErrorClass::Unavailable,
            ErrorClass::Timeout,
        ])
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unique { .. } => "SQL_UNIQUE",
            Self::ForeignKey { .. } => "SQL_FOREIGN_KEY",
            Self::Check { .. } => "SQL_CHECK",
            Self::NotNull { .. } => "SQL_NOT_NULL",
            Self::Deadline { .. } => "SQL_DEADLINE",
            Self::Nested => "SQL_NESTED",
            Self::Aborted => "SQL_ABORTED",
            Self::Waited => "SQL_WAITED",
            Self::ReadOnly => "SQL_READ_ONLY",
            Self::TransactionControl => "SQL_TRANSACTION_CONTROL",
            Self::Placeholders { .. } => "SQL_PLACEHOLDERS",
            Self::Nul => "SQL_NUL",
            Self::TooLarge => "SQL_TOO_LARGE",
            Self::NoRow => "SQL_NO_ROW",
            Self::TooManyRows { .. } => "SQL_TOO_MANY_ROWS",
            Self::Stalled { .. } => "SQL_STALLED",
            Self::Row(_) => "SQL_ROW",
            Self::Serialization(_) => "SQL_SERIALIZATION",
            Self::Busy(_) => "SQL_BUSY",
            Self::Exhausted => "SQL_EXHAUSTED",
            Self::StorageFull(_) => "SQL_STORAGE_FULL",
            Self::Unavailable(_) => "SQL_UNAVAILABLE",
            Self::Unknown(_) => "SQL_UNKNOWN",
            Self::Closed => "SQL_CLOSED",
            Self::Statement(_) => "SQL_STATEMENT",
        }
    }

    /// Names of tables, columns and constraints stay inside.
    fn public_detail(&self) -> Option<Cow<'_, str>> {
        let detail = match self {
            Self::Unique { .. } => "there is one with that key already",
            Self::ForeignKey { .. } => {
                "something that it belongs to, or that belongs to it, differs"
            }
            Self::Check { .. } => "a value is outside of what is allowed",
            Self::NotNull { .. } => "a value is missing",
            Self::Nul => "text must not hold the character NUL",
            Self::TooLarge => "a value is too large",
            Self::NoRow => "there is no such thing",
            _ => return None,
        };
        Some(Cow::Borrowed(detail))
    }

    fn retry_after(&self) -> Option<Duration> {
        self.class()
            .is_transient()
            .then_some(Duration::from_secs(1))
    }
}

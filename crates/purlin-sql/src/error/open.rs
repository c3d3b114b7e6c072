//! What can go wrong before the first statement.

use purlin_base::{Classified, ErrorClass};

use crate::SqlError;

/// Why a database could not be opened or brought to its schema.
///
/// [`is_setting`](Self::is_setting) tells a wrong setting from a fault of the world.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address is not one of a database. The address itself may hold a password and is not shown.
    #[error(
        "not the address of a database ({reason}): expected sqlite://FILE, sqlite::memory: or postgres://…"
    )]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The engine that the address asks for is not built in.
    #[error("{engine} is not built in: build with the feature `{feature}`")]
    NotBuiltIn {
        /// The engine asked for.
        engine: &'static str,
        /// The cargo feature that adds it.
        feature: &'static str,
    },
    /// A setting is out of its range.
    #[error("`{setting}` must be {range}")]
    Setting {
        /// The field of [`SqlConfig`](crate::SqlConfig).
        setting: &'static str,
        /// What is allowed.
        range: &'static str,
    },
    /// The file cannot be opened, made, read or written.
    #[error("cannot use the database file {path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system or the engine said.
        reason: String,
    },
    /// The file is not a SQLite database.
    #[error("{path} is not a SQLite database; nothing was changed in it")]
    NotADatabase {
        /// The file.
        path: String,
    },
    /// The file is a database of another program.
    #[error("{path} is the database of another program; nothing was changed in it")]
    Foreign {
        /// The file.
        path: String,
    },
    /// The database has migrations that this program does not know: it is older than the database.
    #[error(
        "the database is newer than this program: `{set}` is at version {found}, the program knows {known}"
    )]
    NewerSchema {
        /// The set of migrations.
        set: String,
        /// The newest version in the database.
        found: u32,
        /// The newest version that the program knows.
        known: u32,
    },
    /// A migration that was applied has been changed since. Undo the change and add a new one.
    #[error("migration {version} `{name}` of `{set}` was changed after it had been applied")]
    MigrationChanged {
        /// The set of migrations.
        set: String,
        /// Its version.
        version: u32,
        /// Its name in the program.
        name: String,
    },
    /// The versions of a set are not 1, 2, 3, ….
    #[error("the migrations of `{set}` must be numbered 1, 2, 3, … in order: found {found}")]
    MigrationOrder {
        /// The set of migrations.
        set: String,
        /// The version out of order.
        found: u32,
    },
    /// A migration failed; what it had done was rolled back.
    #[error("migration {version} `{name}` of `{set}` failed: {error}")]
    Migration {
        /// The set of migrations.
        set: String,
        /// Its version.
        version: u32,
        /// Its name.
        name: String,
        /// Why.
        #[source]
        error: SqlError,
    },
    /// The SQLite that was linked has a bug that destroys data.
    #[error("SQLite {found} is linked; at least 3.51.3 is needed")]
    OldSqlite {
        /// The version linked.
        found: &'static str,
    },
    /// The database cannot be reached.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl OpenError {
    /// The fault lies in a setting, not in the world: a program ends with code 2.
    pub fn is_setting(&self) -> bool {
        matches!(
            self,
            Self::Address { .. } | Self::NotBuiltIn { .. } | Self::Setting { .. }
        )
    }
}

impl Classified for OpenError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Sql(error) => error.class(),
            _ => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Address { .. } => "SQL_ADDRESS",
            Self::NotBuiltIn { .. } => "SQL_NOT_BUILT_IN",
            Self::Setting { .. } => "SQL_SETTING",
            Self::Unreadable { .. } => "SQL_UNREADABLE",
            Self::NotADatabase { .. } => "SQL_NOT_A_DATABASE",
            Self::Foreign { .. } => "SQL_FOREIGN",
            Self::NewerSchema { .. } => "SQL_NEWER_SCHEMA",
            Self::MigrationChanged { .. } => "SQL_MIGRATION_CHANGED",
            Self::MigrationOrder { .. } => "SQL_MIGRATION_ORDER",
            Self::Migration { .. } => "SQL_MIGRATION",
            Self::OldSqlite { .. } => "SQL_OLD_SQLITE",
            Self::Sql(error) => error.code(),
        }
    }
}

//! Bringing a database to the program's schema: numbered steps, each applied once.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::{Db, OpenError};

/// One step, in the words of each engine.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// 1, 2, 3, … within its set.
    pub version: u32,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The statements for SQLite, separated by `;`.
    pub sqlite: &'static str,
    /// The statements for Postgres, separated by `;`.
    pub postgres: &'static str,
}

/// A set of steps that belong together. A program has one; each part that keeps tables of its own
/// (a queue, an outbox) has another, under its own name.
///
/// A step is applied once, in a transaction together with the note that it was. What was applied
/// must not be changed; to change a table add a step.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), purlin_sql::OpenError> {
/// use purlin_sql::{Db, Migration, Migrations};
///
/// const SHOP: Migrations = Migrations::new("shop", &[
///     Migration {
///         version: 1,
///         name: "books",
///         sqlite: "create table books (id text primary key, title text not null) strict",
///         postgres: "create table books (id uuid primary key, title text not null)",
///     },
/// ]);
///
/// let db = Db::connect("sqlite::memory:").await?;
/// assert_eq!(db.migrate(&SHOP).await?, 1);
/// assert_eq!(db.migrate(&SHOP).await?, 0);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    set: &'static str,
    steps: &'static [Migration],
}

impl Migrations {
    /// The set called `set`.
    pub const fn new(set: &'static str, steps: &'static [Migration]) -> Self {
        Self { set, steps }
    }

    /// The name of the set.
    pub const fn set(&self) -> &'static str {
        self.set
    }

    /// The steps, in order.
    pub const fn steps(&self) -> &'static [Migration] {
        self.steps
    }

    fn check_order(&self) -> Result<(), OpenError> {
        let wrong = (1..).zip(self.steps).find(|(at, step)| step.version != *at);
        match wrong {
            None => Ok(()),
            Some((_, step)) => Err(OpenError::MigrationOrder {
                set: self.set.to_owned(),
                found: step.version,
            }),
        }
    }

    /// The steps that are still to be done, given those that were.
    pub(crate) fn missing(&self, applied: &[Applied]) -> Result<&'static [Migration], OpenError> {
        let known = self.steps.len() as u32;
        if let Some(newer) = applied.iter().map(|done| done.version).max()
            && newer > known
        {
            return Err(OpenError::NewerSchema {
                set: self.set.to_owned(),
                found: newer,
                known,
            });
        }
        for done in applied {
            let step = &self.steps[done.version as usize - 1];
            if done.checksum != step.checksum(done.engine) {
                return Err(OpenError::MigrationChanged {
                    set: self.set.to_owned(),
                    version: step.version,
                    name: step.name.to_owned(),
                });
            }
        }
        Ok(&self.steps[applied.len()..])
    }

    pub(crate) fn failed(&self, step: &Migration, error: crate::SqlError) -> OpenError {
        OpenError::Migration {
            set: self.set.to_owned(),
            version: step.version,
            name: step.name.to_owned(),
            error,
        }
    }
}

/// Whose words of a step were applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// A step that the database says was applied. Versions run from 1 without gaps.
pub(crate) struct Applied {
    pub(crate) version: u32,
    pub(crate) checksum: String,
    pub(crate) engine: Dialect,
}

impl Migration {
    /// The statements in the words of `engine`.
    pub(crate) fn text(&self, engine: Dialect) -> &'static str {
        match engine {
            Dialect::Sqlite => self.sqlite,
            #[cfg(feature = "postgres")]
            Dialect::Postgres => self.postgres,
        }
    }

    /// The SHA-256 of the text, in hexadecimal. Line ends count as `\n`, whatever git made of them.
    pub(crate) fn checksum(&self, engine: Dialect) -> String {
        let text = self.text(engine).replace("\r\n", "\n");
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(text) {
            write!(hex, "{byte:02x}").expect("writing to a string does not fail");
        }
        hex
    }
}

impl Db {
    /// Applies the steps of `migrations` that are missing and returns how many those were.
    ///
    /// Two processes that start at once wait for each other. On SQLite a step that rebuilds a
    /// table others point at begins with `PRAGMA defer_foreign_keys = on`.
    ///
    /// # Errors
    ///
    /// [`OpenError::NewerSchema`] if the database is newer than the program,
    /// [`OpenError::MigrationChanged`] if a step that was applied differs now,
    /// [`OpenError::MigrationOrder`] if the versions are not 1, 2, 3, …, and
    /// [`OpenError::Migration`] if a step fails: it is undone, the ones before it stay.
    pub async fn migrate(&self, migrations: &Migrations) -> Result<usize, OpenError> {
        migrations.check_order()?;
        self.apply(*migrations).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Migration = Migration {
        version: 1,
        name: "a",
        sqlite: "select 1;\nselect 2",
        postgres: "",
    };

    #[test]
    fn line_ends_do_not_change_a_checksum_and_words_do() {
        let with_returns = Migration {
            sqlite: "select 1;\r\nselect 2",
            ..STEP
        };
        let other = Migration {
            sqlite: "select 1;\nselect 3",
            ..STEP
        };
        assert_eq!(
            STEP.checksum(Dialect::Sqlite),
            with_returns.checksum(Dialect::Sqlite)
        );
        assert_ne!(
            STEP.checksum(Dialect::Sqlite),
            other.checksum(Dialect::Sqlite)
        );
    }
}

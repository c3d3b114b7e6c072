//! The tables of the queue on SQLite and Postgres.
//!
//! Times are microseconds since 1970 on both engines, documents their text, and the words of a
//! statement mostly the same.

use purlin_sql::{Migration, Migrations};

/// The tables; brought up by [`Db::migrate`](purlin_sql::Db::migrate).
pub const MIGRATIONS: Migrations = Migrations::new(
    "purlin_queue",
    &[Migration {
        version: 1,
        name: "jobs",
        sqlite: include_str!("tables/sqlite.sql"),
        postgres: include_str!("tables/postgres.sql"),
    }],
);

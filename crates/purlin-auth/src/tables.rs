//! The tables that identity is kept in.

use purlin_sql::{Migration, Migrations};

/// The tables of this crate, as the steps that make them.
pub const MIGRATIONS: Migrations = Migrations::new(
    "purlin_auth",
    &[
        step(
            1,
            "signing_keys",
            include_str!("../migrations/0001_signing_keys.sqlite.sql"),
            include_str!("../migrations/0001_signing_keys.postgres.sql"),
        ),
        step(
            2,
            "refresh",
            include_str!("../migrations/0002_refresh.sqlite.sql"),
            include_str!("../migrations/0002_refresh.postgres.sql"),
        ),
        step(
            3,
            "sessions",
            include_str!("../migrations/0003_sessions.sqlite.sql"),
            include_str!("../migrations/0003_sessions.postgres.sql"),
        ),
        step(
            4,
            "account",
            include_str!("../migrations/0004_account.sqlite.sql"),
            include_str!("../migrations/0004_account.postgres.sql"),
        ),
    ],
);

const fn step(
    version: u32,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
) -> Migration {
    Migration {
        version,
        name,
        sqlite,
        postgres,
    }
}

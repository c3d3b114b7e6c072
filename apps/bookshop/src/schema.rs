//! The tables of the bookshop.

use purlin::sql::{Migration, Migrations, Schema, SqlModule};

/// The tables of the bookshop, as the steps that make them.
pub struct Tables;

/// The database with the bookshop's tables.
pub type DatabaseModule = SqlModule<Tables>;

impl Schema for Tables {
    const MIGRATIONS: Migrations = Migrations::new(
        "bookshop",
        &[
            Migration {
                version: 1,
                name: "books",
                sqlite: include_str!("../migrations/0001_books.sqlite.sql"),
                postgres: include_str!("../migrations/0001_books.postgres.sql"),
            },
            Migration {
                version: 2,
                name: "seeds",
                sqlite: include_str!("../migrations/0002_seeds.sqlite.sql"),
                postgres: include_str!("../migrations/0002_seeds.postgres.sql"),
            },
        ],
    );
}

//! The tables of the bookshop.

use purlin::sql::{Migration, Migrations, Schema, SqlModule};

/// One step, from the two files of its name.
macro_rules! step {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!(
                "../migrations/000",
                $version,
                "_",
                $name,
                ".sqlite.sql"
            )),
            postgres: include_str!(concat!(
                "../migrations/000",
                $version,
                "_",
                $name,
                ".postgres.sql"
            )),
        }
    };
}

/// The tables of the bookshop, as the steps that make them.
pub struct Tables;

/// The database with the bookshop's tables.
pub type DatabaseModule = SqlModule<Tables>;

impl Schema for Tables {
    const PARTS: &'static [Migrations] = &[
        purlin::auth::MIGRATIONS,
        purlin::queue::sql::MIGRATIONS,
        purlin::sql::outbox::OUTBOX,
    ];
    const MIGRATIONS: Migrations = Migrations::new(
        "bookshop",
        &[
            step!(1, "books"),
            step!(2, "seeds"),
            step!(3, "users"),
            step!(4, "reviews"),
            step!(5, "mails"),
            step!(6, "covers"),
        ],
    );
}

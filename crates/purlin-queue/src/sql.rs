//! The engine on a [`Db`](purlin_sql::Db): SQLite and Postgres.

mod tables;

pub use tables::MIGRATIONS;

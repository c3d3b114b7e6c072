//! One [`Db`] over SQLite and Postgres.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`query`], [`value`], [`row`] | statements of literals and bound values, and rows as Rust types |
//! | [`db`] | reading, writing, transactions |
//! | [`stream`] | rows of any number, in flat memory |
//! | [`keyset`], [`cursor`] | pages of a list, by signed cursor or by offset |
//! | [`wake`] | waking those who wait for rows |
//! | [`migrate`] | bringing a database to the program's schema |
//! | [`outbox`], [`inbox`] | messages for other systems in the same commit, and each handled once |
//! | [`config`], [`error`] | every bound, and every failure |
//!
//! # Examples
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use purlin_sql::{Db, SqlError};
//!
//! let db = Db::connect("sqlite::memory:").await?;
//! db.write("create table books (id integer primary key, title text not null)").execute().await?;
//!
//! let id = db
//!     .transaction(async |tx| {
//!         let insert = tx.query("insert into books (title) values ($1) returning id");
//!         let (id,) = insert.bind("Emma").fetch_one::<(i64,)>().await?;
//!         Ok::<_, SqlError>(id)
//!     })
//!     .await?;
//!
//! let find = db.read().query("select title from books where id = $1").bind(id);
//! assert_eq!(find.fetch_optional::<(String,)>().await?, Some(("Emma".to_owned(),)));
//! # Ok(()) }
//! ```

pub mod config;
#[cfg(feature = "crash-points")]
pub mod crash;
pub mod cursor;
pub mod db;
pub mod error;
pub mod inbox;
pub mod keyset;
pub mod migrate;
pub mod outbox;
pub mod query;
pub mod row;
pub mod stream;
pub mod value;
pub mod wake;

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
mod statement;
mod time_offset;

pub use config::SqlConfig;
pub use db::{Batch, Db, ReadStatement, Reader, Tx, TxStatement, WriteStatement};
pub use error::{OpenError, SqlError};
pub use migrate::{Migration, Migrations};
pub use purlin_macros::FromRow;
pub use query::{IntoQuery, Query};
pub use row::{FromRow, Row, RowError};
pub use stream::RowStream;
pub use time_offset::TimeOffset;
pub use value::{FromValue, IntoValue, Json, Value, ValueRef};
pub use wake::Listener;

/// Passes a point at which the crash harness may kill the process. Nothing without the feature
/// `crash-points`.
#[cfg(feature = "crash-points")]
#[macro_export]
macro_rules! crash_point {
    ($point:literal) => {
        $crate::crash::pass($point)
    };
}

/// Passes a point at which the crash harness may kill the process. Nothing without the feature
/// `crash-points`.
#[cfg(not(feature = "crash-points"))]
#[macro_export]
macro_rules! crash_point {
    ($point:literal) => {};
}

/// The README's program, so that it stays true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

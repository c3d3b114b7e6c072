//! One Db over SQLite and Postgres.

pub mod cursor;
pub mod keyset;
pub mod query;
pub mod row;
pub mod value;

pub use purlin_macros::FromRow;
pub use query::{IntoQuery, Query};
pub use row::{FromRow, Row, RowError};
pub use value::{FromValue, IntoValue, Json, Value, ValueRef};

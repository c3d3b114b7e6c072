//! The engine on a [`Db`](purlin_sql::Db): SQLite and Postgres.
//!
//! | file | what it does |
//! | --- | --- |
//! | `store` | the contract, handed on to the others |
//! | `core`, `commit` | what they share: the database, the time, one commit |
//! | `batch` | calls of many callers in one commit |
//! | `add`, `turn`, `claim`, `limits`, `finish`, `lease`, `annotate` | the life of a job |
//! | `upkeep` | what time brings |
//! | `flow`, `dedup` | what other jobs have to do with it |
//! | `schedule`, `operate`, `look`, `events`, `workers` | everything around it |
//!
//! Everything that writes is written once against [`purlin_sql::Tx`]: the same functions run in
//! a commit of the store's own and in the caller's transaction.

mod add;
mod annotate;
mod batch;
mod claim;
mod commit;
mod core;
mod dedup;
mod events;
mod finish;
mod flow;
mod insert;
mod lease;
mod limits;
mod look;
mod operate;
mod rows;
mod schedule;
mod store;
mod tables;
mod time;
mod transactional;
mod turn;
mod upkeep;
mod wake;
mod workers;

pub use store::SqlStore;
pub use tables::MIGRATIONS;

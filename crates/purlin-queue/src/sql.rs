//! The engine on a [`Db`](purlin_sql::Db): SQLite and Postgres.
//!
//! | file | what it does |
//! | --- | --- |
//! | `store` | the contract, handed on to the others |
//! | `core`, `commit` | what they share: the database, the time, one commit |
//! | `batch` | calls of many callers in one commit |
//! | `add`, `insert`, `turn`, `claim`, `finish`, `lease`, `annotate` | the life of a job |
//! | `moves`, `keep`, `gone` | what is done to jobs by others than their workers |
//! | `fair`, `lanes`, `limits`, `turns` | claims under limits, tenants by turns |
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
mod fair;
mod finish;
mod flow;
mod gone;
mod insert;
mod keep;
mod lanes;
mod lease;
mod limits;
mod look;
mod moves;
mod operate;
mod rows;
mod schedule;
mod store;
mod tables;
mod time;
mod transactional;
mod turn;
mod turns;
mod upkeep;
mod wake;
mod workers;

pub use store::SqlStore;
pub use tables::MIGRATIONS;

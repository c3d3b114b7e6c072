//! Producer, worker and flows: on the engine in memory in time that only the tests move, and what
//! needs a database on SQLite and Postgres.

mod yard;

mod batch;
mod cancel;
mod children;
mod context;
mod endings;
mod leases;
mod odd;
mod producer;
mod sql;
mod stop;
mod store_away;
mod turns;

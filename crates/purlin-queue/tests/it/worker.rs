//! Producer, worker and flows on the engine in memory, in time that only the tests move.

mod yard;

mod batch;
mod cancel;
mod children;
mod context;
mod endings;
mod leases;
mod odd;
mod producer;
mod stop;
mod store_away;
mod turns;

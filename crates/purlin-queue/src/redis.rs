//! The engine on Redis, in BullMQ's own layout: Node's workers take our jobs, we take Node's, and
//! every tool that reads BullMQ's queues reads ours.
//!
//! What runs often (adding, claiming, finishing, renewing, what time brings) are scripts of our own
//! over that layout: one round trip moves a batch, and each is atomic. What operators do to a whole
//! queue, its settings and counts go through the crate `bullmq-official`. Its own adding and its
//! manual mode are not used: they drop options (jitter, the delay of a custom backoff, kept logs),
//! write every result as a JSON text, ignore how a finished job is to be kept, and add several jobs
//! one by one. Its worker is not used at all.
//!
//! What the layout has no place for is refused with [`QueueError::NotOffered`](crate::QueueError):
//! several parents, limits by key, tenants, tags, policies for missed ticks, transactions. Some of
//! ours has a place in it that BullMQ passes over: fields of a job that begin with `purlin:`, and
//! the option `purlin`. Node's workers do not heed those: a job they run cannot be cancelled from
//! elsewhere, and what it said of its timeout and ceiling is not applied.
//!
//! Redis 6.2 or newer. Of what was acknowledged, a crash of Redis loses what it had not written:
//! with `appendfsync everysec` a second, without an append-only file everything since the snapshot.

mod add;
mod connection;
mod events;
mod keys;
mod lease;
mod look;
mod operate;
mod options;
mod record;
mod reply;
mod schedule;
mod scripts;
mod store;
mod turn;
mod upkeep;
mod wake;
mod workers;

pub use options::JsOptions;
pub use store::{RedisOptions, RedisStore};

//! The key-value contract and its in-memory engine.
//!
//! Sessions, rate limiters, deny-lists, idempotency and locks all stand on [`KeyValue`]: small
//! values under short keys, each with an optional time to live, changed atomically one key at a
//! time. [`MemoryStore`] is the engine in memory; engines on SQL and Redis follow the same
//! contract and pass the same suite (module `suite`, with the feature `testing`).
//!
//! What an engine does beyond the contract it declares in its [`Capabilities`]; a part that needs
//! more refuses the engine at start.

use std::{fmt, sync::Arc, time::Duration};

use crate::BoxFuture;

mod bounds;
mod error;
mod memory;
#[cfg(feature = "testing")]
pub mod suite;

pub use bounds::{
    KEY_BYTES_MAX, KEYS_MAX, TTL_MAX, TTL_MIN, VALUE_BYTES_MAX_DEFAULT, check_key, check_keys,
    check_ttl, check_value,
};
pub use error::KvError;
pub use memory::{MemoryStore, MemoryStoreBuilder, MemoryStoreError, OnFull};

/// Names one writing of one key. No two writings in a store ever have the same version, so a
/// version from before a delete does not match the key when it is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(u64);

impl Version {
    /// The version an engine keeps as `number`.
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number an engine keeps. Numbers are equal or not; their order means nothing.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// What is kept under a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: Arc<[u8]>,
    /// Which writing this is.
    pub version: Version,
    /// How much longer it stays; `None` is for ever.
    pub ttl_left: Option<Duration>,
}

impl fmt::Debug for Entry {
    /// Shows the length of the value only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("value_bytes", &self.value.len())
            .field("version", &self.version)
            .field("ttl_left", &self.ttl_left)
            .finish()
    }
}

/// What became of a [`KeyValue::set_if_absent`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Claim {
    /// Nothing was there; the value is there now.
    Set(Version),
    /// This was there and still is.
    Present(Entry),
}

/// What an engine does beyond the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// What was written is still there after the process was killed.
    pub durable: bool,
    /// Other processes see the same store.
    pub shared: bool,
    /// Entries may be dropped before their time when the store is full. Never use such a store
    /// where a missing entry opens a door: deny-lists, idempotency, locks.
    pub evicts: bool,
    /// How long a value may be, in bytes.
    pub value_bytes_max: usize,
}

impl Capabilities {
    /// Those of an engine that only keeps the contract, with values of up to `value_bytes_max`.
    pub const fn new(value_bytes_max: usize) -> Self {
        Self {
            durable: false,
            shared: false,
            evicts: false,
            value_bytes_max,
        }
    }

    /// Sets [`durable`](Self::durable).
    pub const fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// Sets [`shared`](Self::shared).
    pub const fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Sets [`evicts`](Self::evicts).
    pub const fn evicts(mut self, evicts: bool) -> Self {
        self.evicts = evicts;
        self
    }
}

/// A shared store, its engine forgotten.
pub type SharedKeyValue = Arc<dyn KeyValue>;

/// A store of small values under short keys. Each method is atomic; for one key they happen one
/// after the other, in all processes that share the store.
///
/// - Keys are 1 to [`KEY_BYTES_MAX`] bytes of UTF-8 without NUL; values up to
///   [`Capabilities::value_bytes_max`] bytes; see [`check_key`] and [`check_value`].
/// - A `ttl` is from [`TTL_MIN`] to [`TTL_MAX`], in whole milliseconds (rounded up); `None` is for
///   ever. An entry is gone in the very moment its time is over, and never before, unless the
///   store [evicts](Capabilities::evicts).
/// - Time is that of the store: the database's clock, or the [`Clock`](crate::time::Clock) given.
///
/// # Errors
///
/// Every method fails with [`KvError`]; nothing was changed then, except that after
/// [`KvError::Unavailable`] it is unknown whether the change was made.
///
/// # Cancel safety
///
/// Nothing happens before the first poll. A future dropped later may or may not have made its
/// change; no change is ever made by half.
pub trait KeyValue: Send + Sync + 'static {
    /// What this engine does beyond the contract.
    fn capabilities(&self) -> Capabilities;

    /// What is under `key`.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Entry>, KvError>>;

    /// What is under each of `keys`, in their order; at most [`KEYS_MAX`]. Each key is read
    /// atomically, not all of them together.
    fn get_many<'a>(
        &'a self,
        keys: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Option<Entry>>, KvError>>;

    /// Puts `value` under `key` whatever was there; `ttl` replaces the time that was left.
    fn set<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<Version, KvError>>;

    /// Puts `value` under `key` if nothing is there. Of many callers at once, one wins.
    fn set_if_absent<'a>(
        &'a self,
        key: &'a str,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<Claim, KvError>>;

    /// Puts `value` under `key` if what is there is of `version`; `None` if it is not.
    fn compare_and_set<'a>(
        &'a self,
        key: &'a str,
        version: Version,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<Option<Version>, KvError>>;

    /// Takes away what is under `key`; whether something was there.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<bool, KvError>>;

    /// Takes away what is under `key` if it is of `version`; whether it was.
    fn delete_if<'a>(
        &'a self,
        key: &'a str,
        version: Version,
    ) -> BoxFuture<'a, Result<bool, KvError>>;

    /// Adds `by` to the number under `key` and returns the sum. Nothing there counts as 0; only
    /// then `ttl` is set, so that a counter's window does not grow with its use.
    ///
    /// A number is kept as decimal text (`-12`), so [`get`](Self::get) shows it too. A value that
    /// is no such text is [`KvError::NotANumber`]; a sum beyond `i64` is [`KvError::Overflow`].
    fn increment<'a>(
        &'a self,
        key: &'a str,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<i64, KvError>>;

    /// Sets how much longer what is under `key` stays; whether something is there. The version
    /// stays as it is.
    fn expire<'a>(
        &'a self,
        key: &'a str,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, Result<bool, KvError>>;
}

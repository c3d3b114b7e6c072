//! What can be set on a store in memory.

use std::{
    hash::RandomState,
    sync::{Arc, Mutex, atomic::AtomicU64},
};

use super::{MemoryStore, OnFull, shard::Shard};
use crate::{
    Classified, ErrorClass,
    kv::{KEY_BYTES_MAX, VALUE_BYTES_MAX_DEFAULT},
    time::{Clock, SharedClock, SystemClock},
};

/// Makes a [`MemoryStore`]. Every option is checked by [`build`](Self::build).
#[derive(Clone)]
pub struct MemoryStoreBuilder {
    clock: SharedClock,
    entries_max: usize,
    bytes_max: usize,
    value_bytes_max: usize,
    on_full: OnFull,
}

/// An option of a store in memory is out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{option}` of the store is {given}, expected {expected}")]
pub struct MemoryStoreError {
    /// The option.
    pub option: &'static str,
    /// What was given.
    pub given: usize,
    /// What is allowed.
    pub expected: &'static str,
}

impl Classified for MemoryStoreError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "KV_STORE_OPTION"
    }
}

impl Default for MemoryStoreBuilder {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entries_max: 100_000,
            bytes_max: 64 << 20,
            value_bytes_max: VALUE_BYTES_MAX_DEFAULT,
            on_full: OnFull::Refuse,
        }
    }
}

impl MemoryStoreBuilder {
    /// Where time comes from; what counts is [`Clock::monotonic`], so that setting the machine's
    /// clock ends nothing early. Default: [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Entries that are kept at most: 1 to 100 000 000. Default: 100 000.
    pub fn entries_max(mut self, entries: usize) -> Self {
        self.entries_max = entries;
        self
    }

    /// Bytes that the entries count as at most, and at least as many as one entry of the longest
    /// key and value needs. Default: 64 MiB.
    pub fn bytes_max(mut self, bytes: usize) -> Self {
        self.bytes_max = bytes;
        self
    }

    /// How long a value may be, in bytes: 1 to 536 870 912. Default: 1 MiB.
    pub fn value_bytes_max(mut self, bytes: usize) -> Self {
        self.value_bytes_max = bytes;
        self
    }

    /// What a full store does. Default: [`OnFull::Refuse`].
    pub fn on_full(mut self, on_full: OnFull) -> Self {
        self.on_full = on_full;
        self
    }

    /// Checks every option, then makes the store.
    ///
    /// # Errors
    ///
    /// [`MemoryStoreError`] for the first option out of its bounds.
    pub fn build(self) -> Result<MemoryStore, MemoryStoreError> {
        self.check()?;
        let count = self.shard_count();
        let shard = || {
            Mutex::new(Shard::new(
                self.entries_max / count,
                self.bytes_max / count,
                self.on_full,
            ))
        };
        Ok(MemoryStore {
            shards: (0..count).map(|_| shard()).collect(),
            clock: self.clock,
            hasher: RandomState::new(),
            last_version: AtomicU64::new(0),
            on_full: self.on_full,
            value_bytes_max: self.value_bytes_max,
        })
    }

    /// At most 16, and only as many as leave each shard room for 1024 entries and for 16 of the
    /// longest: a bound that is divided further would be reached by bad luck.
    fn shard_count(&self) -> usize {
        let by_entries = self.entries_max / 1_024;
        let by_bytes = self.bytes_max / (16 * self.entry_bytes_max());
        by_entries.min(by_bytes).clamp(1, 16)
    }

    fn entry_bytes_max(&self) -> usize {
        Shard::ENTRY_BYTES + KEY_BYTES_MAX + self.value_bytes_max
    }

    fn check(&self) -> Result<(), MemoryStoreError> {
        let refuse = |option, given, expected| {
            Err(MemoryStoreError {
                option,
                given,
                expected,
            })
        };
        if !(1..=100_000_000).contains(&self.entries_max) {
            return refuse("entries_max", self.entries_max, "1 to 100000000");
        }
        if !(1..=536_870_912).contains(&self.value_bytes_max) {
            return refuse("value_bytes_max", self.value_bytes_max, "1 to 536870912");
        }
        if self.bytes_max < self.entry_bytes_max() {
            let expected = "value_bytes_max and 640 bytes more";
            return refuse("bytes_max", self.bytes_max, expected);
        }
        Ok(())
    }
}

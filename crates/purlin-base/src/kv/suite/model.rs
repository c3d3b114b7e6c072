//! The contract as a trivial model: one map, and a time that is told.

use std::{collections::HashMap, time::Duration};

use crate::kv::Version;

/// What is under each key: value, version by the engine's word, and when it ends.
#[derive(Default)]
pub(super) struct Model {
    entries: HashMap<String, Kept>,
    pub(super) now: Duration,
}

pub(super) type Kept = (Vec<u8>, Version, Option<Duration>);

impl Model {
    pub(super) fn get(&self, key: &str) -> Option<&Kept> {
        let found = self.entries.get(key)?;
        found.2.is_none_or(|end| self.now < end).then_some(found)
    }

    pub(super) fn ttl_left(&self, key: &str) -> Option<Duration> {
        self.get(key)?.2.map(|end| end - self.now)
    }

    pub(super) fn put(&mut self, key: &str, value: &[u8], version: Version, ttl: Option<Duration>) {
        let end = ttl.map(|ttl| self.now + ttl);
        let kept = (value.to_vec(), version, end);
        self.entries.insert(key.to_owned(), kept);
    }

    pub(super) fn remove(&mut self, key: &str) -> bool {
        let found = self.get(key).is_some();
        self.entries.remove(key);
        found
    }

    pub(super) fn expire(&mut self, key: &str, ttl: Option<Duration>) -> bool {
        let found = self.get(key).is_some();
        let end = ttl.map(|ttl| self.now + ttl);
        if let Some(kept) = self.entries.get_mut(key).filter(|_| found) {
            kept.2 = end;
        }
        found
    }

    /// The sum that an increment must give; `None` if it must fail.
    pub(super) fn sum(&self, key: &str, by: i64) -> Option<i64> {
        let Some((value, ..)) = self.get(key) else {
            return Some(by);
        };
        let number: i64 = std::str::from_utf8(value).ok()?.parse().ok()?;
        number.checked_add(by)
    }
}

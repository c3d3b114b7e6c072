//! How many more jobs may start.

use std::{collections::BTreeMap, time::Duration};

use purlin_base::Timestamp;

use super::{Model, Queue, Window};
use crate::{State, store::Rate};

/// What the limits of a queue leave at a moment.
pub(super) struct Room {
    /// Starts left, of the queue.
    pub(super) all: u32,
    /// Starts left, by limit key; a key that is not named has `key_max`.
    keys: BTreeMap<String, u32>,
    key_max: u32,
}

impl Room {
    pub(super) fn has(&self, key: Option<&String>) -> bool {
        let of_key = key.map_or(u32::MAX, |key| *self.keys.get(key).unwrap_or(&self.key_max));
        self.all > 0 && of_key > 0
    }

    pub(super) fn take(&mut self, key: Option<&String>) {
        self.all -= 1;
        if let Some(key) = key {
            let left = self.keys.entry(key.clone()).or_insert(self.key_max);
            *left -= 1;
        }
    }
}

impl Model {
    /// What is left of the limits of a queue.
    pub(super) fn room(&self, name: &str, now: Timestamp) -> Room {
        let Some(queue) = self.queues.get(name) else {
            return Room::none();
        };
        if queue.paused {
            return Room::none();
        }
        let mut active = 0;
        let mut by_key: BTreeMap<String, u32> = BTreeMap::new();
        for (_, entry) in self.of_queue(name) {
            if entry.job.state == State::Active {
                active += 1;
                let key = entry.job.options.key.clone();
                *by_key.entry(key.unwrap_or_default()).or_default() += 1;
            }
        }
        by_key.remove("");
        let limits = &queue.limits;
        let key_max =
            left(limits.key_concurrency, 0).min(limits.key_rate.map_or(u32::MAX, |rate| rate.max));
        let known = by_key.keys().chain(queue.rates.keys().flatten());
        let keys = known.map(|key| {
            let running = left(limits.key_concurrency, *by_key.get(key).unwrap_or(&0));
            let window = queue.starts_left(&Some(key.clone()), limits.key_rate, now);
            (key.clone(), running.min(window))
        });
        Room {
            all: left(limits.concurrency, active).min(queue.starts_left(&None, limits.rate, now)),
            keys: keys.collect(),
            key_max,
        }
    }

    /// A job of the queue, with that limit key, has started.
    pub(super) fn count_start(&mut self, name: &str, key: Option<&String>, now: Timestamp) {
        let queue = self.queue(name);
        if let Some(rate) = queue.limits.rate {
            queue.count(None, rate, now);
        }
        if let (Some(rate), Some(key)) = (queue.limits.key_rate, key) {
            queue.count(Some(key.clone()), rate, now);
        }
    }
}

impl Room {
    fn none() -> Self {
        Self {
            all: 0,
            keys: BTreeMap::new(),
            key_max: 0,
        }
    }
}

impl Queue {
    /// How many of `rate` are left in the window that is open, if one is.
    fn starts_left(&self, key: &Option<String>, rate: Option<Rate>, now: Timestamp) -> u32 {
        let Some(rate) = rate else { return u32::MAX };
        let starts = self.window(key, now).map_or(0, |window| window.starts);
        rate.max.saturating_sub(starts)
    }

    fn window(&self, key: &Option<String>, now: Timestamp) -> Option<&Window> {
        self.rates.get(key).filter(|window| window.ends_at > now)
    }

    /// A window begins with its first start.
    fn count(&mut self, key: Option<String>, rate: Rate, now: Timestamp) {
        let starts = self.window(&key, now).map_or(0, |window| window.starts) + 1;
        let begun = self.window(&key, now).map(|window| window.ends_at);
        let ends_at = begun.unwrap_or_else(|| now.saturating_add(rate.per));
        self.rates.insert(key, Window { ends_at, starts });
    }

    /// When the first of the full windows ends.
    pub(super) fn rate_opens_in(&self, now: Timestamp) -> Option<Duration> {
        let full = self.rates.iter().filter(|(key, window)| {
            let rate = match key {
                None => self.limits.rate,
                Some(_) => self.limits.key_rate,
            };
            window.ends_at > now && rate.is_some_and(|rate| window.starts >= rate.max)
        });
        full.map(|(_, window)| window.ends_at.since(now)).min()
    }
}

fn left(limit: Option<u32>, taken: u32) -> u32 {
    limit.map_or(u32::MAX, |limit| limit.saturating_sub(taken))
}

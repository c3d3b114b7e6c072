//! How many more jobs may start.

use std::collections::{BTreeMap, BTreeSet};

use purlin_sql::Query;

use super::{commit::Commit, time::micros};
use crate::{
    QueueError,
    store::{Limits, Rate},
};

/// What the limits of a queue leave at a moment.
pub(super) struct Room {
    limits: Limits,
    now: i64,
    /// Starts left, of the queue.
    all: u32,
    /// Jobs that run, by limit key; all of them under `''`.
    active: BTreeMap<String, u32>,
    /// The windows that are open, by limit key; the queue's own under `''`.
    windows: BTreeMap<String, Window>,
    /// The windows that changed.
    changed: BTreeSet<String>,
}

/// Starts within the window that ends at `ends_at`.
#[derive(Clone, Copy)]
struct Window {
    ends_at: i64,
    starts: u32,
}

impl Room {
    /// What is left of `limits` in `queue`.
    pub(super) async fn load(
        commit: &mut Commit<'_>,
        queue: &str,
        limits: Limits,
    ) -> Result<Self, QueueError> {
        let mut room = Self {
            now: commit.now,
            all: u32::MAX,
            active: BTreeMap::new(),
            windows: BTreeMap::new(),
            changed: BTreeSet::new(),
            limits,
        };
        if room.limits.concurrency.is_some() {
            room.count_all(commit, queue).await?;
        }
        if room.limits.key_concurrency.is_some() {
            room.count_by_key(commit, queue).await?;
        }
        if room.limits.rate.is_some() || room.limits.key_rate.is_some() {
            room.read_windows(commit, queue).await?;
        }
        room.all = left(room.limits.concurrency, room.active_of(""))
            .min(room.starts_left("", room.limits.rate));
        Ok(room)
    }

    /// Starts left, of the queue.
    pub(super) fn all(&self) -> u32 {
        self.all
    }

    /// Whether a job with `key` may start.
    pub(super) fn has(&self, key: &str) -> bool {
        self.all > 0
            && (key.is_empty()
                || left(self.limits.key_concurrency, self.active_of(key)) > 0
                    && self.starts_left(key, self.limits.key_rate) > 0)
    }

    /// A job with `key` starts.
    pub(super) fn take(&mut self, key: &str) {
        self.all = self.all.saturating_sub(1);
        self.start("", self.limits.rate);
        if !key.is_empty() {
            *self.active.entry(key.to_owned()).or_default() += 1;
            self.start(key, self.limits.key_rate);
        }
        *self.active.entry(String::new()).or_default() += 1;
    }

    /// Writes down the windows that have changed, and drops those that have ended.
    pub(super) async fn save(
        &self,
        commit: &mut Commit<'_>,
        queue: &str,
    ) -> Result<(), QueueError> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let ended = "delete from purlin_queue_rates where queue = $1 and ends_at <= $2";
        commit
            .tx
            .query(ended)
            .bind(queue)
            .bind(self.now)
            .execute()
            .await?;
        for key in &self.changed {
            let window = self.windows[key];
            commit
                .tx
                .query(
                    "insert into purlin_queue_rates (queue, key, ends_at, starts) values ($1, $2, $3, $4)
                     on conflict (queue, key) do update set ends_at = excluded.ends_at, starts = excluded.starts",
                )
                .bind(queue)
                .bind(key)
                .bind(window.ends_at)
                .bind(window.starts)
                .execute()
                .await?;
        }
        Ok(())
    }

    /// When a full window ends, if nothing but windows is in the way of jobs that wait.
    pub(super) fn opens_at(&self) -> Option<i64> {
        let is_crowded = left(self.limits.concurrency, self.active_of("")) == 0;
        if is_crowded || self.limits.key_concurrency.is_some() {
            return None;
        }
        let full = self.windows.iter().filter(|(key, window)| {
            let rate = if key.is_empty() {
                self.limits.rate
            } else {
                self.limits.key_rate
            };
            rate.is_some_and(|rate| window.starts >= rate.max)
        });
        full.map(|(_, window)| window.ends_at).min()
    }

    async fn count_all(&mut self, commit: &mut Commit<'_>, queue: &str) -> Result<(), QueueError> {
        let (active,) = commit
            .tx
            .query("select count(*) from purlin_jobs where queue = $1 and state in (2, 3, 5, 6) and state = 3")
            .bind(queue)
            .fetch_one::<(u32,)>()
            .await?;
        self.active.insert(String::new(), active);
        Ok(())
    }

    async fn count_by_key(
        &mut self,
        commit: &mut Commit<'_>,
        queue: &str,
    ) -> Result<(), QueueError> {
        let active = commit
            .tx
            .query(
                "select limit_key, count(*) from purlin_jobs
                 where queue = $1 and state = 3 and limit_key <> '' group by limit_key",
            )
            .bind(queue)
            .fetch_all::<(String, u32)>()
            .await?;
        self.active.extend(active);
        Ok(())
    }

    async fn read_windows(
        &mut self,
        commit: &mut Commit<'_>,
        queue: &str,
    ) -> Result<(), QueueError> {
        let open = Query::new(
            "select key, ends_at, starts from purlin_queue_rates where queue = $1 and ends_at > $2",
        );
        let rows = commit
            .tx
            .query(open.bind(queue).bind(self.now))
            .fetch_all::<(String, i64, u32)>()
            .await?;
        let window = |(key, ends_at, starts)| (key, Window { ends_at, starts });
        self.windows.extend(rows.into_iter().map(window));
        Ok(())
    }

    fn active_of(&self, key: &str) -> u32 {
        self.active.get(key).copied().unwrap_or(0)
    }

    fn starts_left(&self, key: &str, rate: Option<Rate>) -> u32 {
        let Some(rate) = rate else { return u32::MAX };
        let starts = self.windows.get(key).map_or(0, |window| window.starts);
        rate.max.saturating_sub(starts)
    }

    /// Counts a start; a window begins with its first one.
    fn start(&mut self, key: &str, rate: Option<Rate>) {
        let Some(rate) = rate else { return };
        let new = Window {
            ends_at: self.now.saturating_add(micros(rate.per)),
            starts: 0,
        };
        self.windows.entry(key.to_owned()).or_insert(new).starts += 1;
        self.changed.insert(key.to_owned());
    }
}

fn left(limit: Option<u32>, taken: u32) -> u32 {
    limit.map_or(u32::MAX, |limit| limit.saturating_sub(taken))
}

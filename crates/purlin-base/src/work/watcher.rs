//! Who is told of polls that took long.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use super::Label;

/// Is told of polls that held their thread too long.
pub trait Watcher: Send + Sync + 'static {
    /// How long a poll may take before this watcher wants to hear of it. Asked once.
    fn limit(&self) -> Duration;

    /// A poll took longer. Called on the thread that polled, after the poll: be quick.
    fn took_long(&self, poll: &LongPoll);
}

/// A poll that held its thread too long.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LongPoll {
    /// What was being worked on.
    pub label: Label,
    /// How long it took, without what polls inside it took.
    pub took: Duration,
    /// The thread, as in [`Busy`](super::Busy).
    pub thread: u64,
    /// The name of the thread; empty if it has none.
    pub thread_name: Arc<str>,
    /// The poll, as in [`Busy`](super::Busy).
    pub turn: u64,
}

/// Nothing is watched.
const OFF: u64 = u64::MAX;

/// The smallest limit of all watchers: the one thing that every poll reads.
static LIMIT: AtomicU64 = AtomicU64::new(OFF);
static WATCHERS: RwLock<Vec<(Duration, Arc<dyn Watcher>)>> = RwLock::new(Vec::new());

/// Tells `watcher` of long polls, in the whole process, until the answer is dropped.
pub fn watch(watcher: Arc<dyn Watcher>) -> Watching {
    let limit = watcher.limit();
    let watching = Watching(Arc::clone(&watcher));
    change(|watchers| watchers.push((limit, watcher)));
    watching
}

/// A watcher at work. Dropping it ends that.
#[must_use = "dropping it stops the watching"]
pub struct Watching(Arc<dyn Watcher>);

impl Drop for Watching {
    fn drop(&mut self) {
        change(|watchers| watchers.retain(|(_, it)| !Arc::ptr_eq(it, &self.0)));
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching").finish_non_exhaustive()
    }
}

fn change(change: impl FnOnce(&mut Vec<(Duration, Arc<dyn Watcher>)>)) {
    let mut watchers = WATCHERS.write().unwrap_or_else(PoisonError::into_inner);
    change(&mut watchers);
    let limits = watchers.iter().map(|(limit, _)| nanos(*limit));
    LIMIT.store(limits.min().unwrap_or(OFF), Relaxed);
}

/// The limit, or nothing if nobody watches.
pub(super) fn limit_nanos() -> Option<u64> {
    let limit = LIMIT.load(Relaxed);
    (limit != OFF).then_some(limit)
}

pub(super) fn tell(poll: &LongPoll) {
    let watchers = WATCHERS.read().unwrap_or_else(PoisonError::into_inner);
    let concerned = watchers.iter().filter(|(limit, _)| poll.took >= *limit);
    for (_, watcher) in concerned {
        watcher.took_long(poll);
    }
}

fn nanos(limit: Duration) -> u64 {
    u64::try_from(limit.as_nanos()).map_or(OFF - 1, |nanos| nanos.min(OFF - 1))
}
